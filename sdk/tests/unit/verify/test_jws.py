"""Compact JWS, read one way only (S26)."""

import hmac
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from newel_sdk.encoding import base64url
from newel_sdk.errors import KeyUnknown, TokenRefused
from newel_sdk.jwks import KeySet, parse_key
from newel_sdk.testing import Issuer
from newel_sdk.verify import unverified_kid, verify_jws

ISSUER = Issuer()
KEYS = ISSUER.keys
GOOD = ISSUER.sign({"a": 1}, typ="at+jwt")


def with_header(header: Any) -> str:
    """Replace the header of a good signature, which then is wrong: the header must be refused before."""
    text = header if isinstance(header, str) else json.dumps(header)
    return ".".join((base64url(text.encode()), *GOOD.split(".")[1:]))


def test_a_good_signature_gives_header_payload_and_key() -> None:
    verified = verify_jws(GOOD, keys=KEYS)
    assert (verified.payload, verified.header["typ"], verified.key.kid) == (b'{"a":1}', "at+jwt", "test-1")
    assert unverified_kid(GOOD) == "test-1"


def test_s35_a_token_over_its_limit_is_refused_however_good_its_signature() -> None:
    largest = ISSUER.sign({"a": "x" * 12_000}, typ="at+jwt")
    assert len(verify_jws(largest, keys=KEYS).payload) > 12_000
    too_large = ISSUER.sign({"a": "x" * 12_288}, typ="at+jwt")
    assert len(too_large) > 16_384
    with pytest.raises(TokenRefused, match="over 16384 bytes"):
        verify_jws(too_large, keys=KEYS)
    with pytest.raises(TokenRefused, match="over 16384 bytes"):
        unverified_kid(too_large)


@pytest.mark.parametrize("kind", [OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048)])
def test_the_other_default_algorithms_verify(kind: Any) -> None:
    keys = KeySet([parse_key(kind.as_dict(private=False))])
    for alg in {"OKP": ("Ed25519",), "RSA": ("RS256", "PS256")}[kind.key_type]:
        compact = jws.serialize_compact({"alg": alg}, b"x", kind, algorithms=[alg])
        assert verify_jws(compact, keys=keys).payload == b"x"


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]},
        {"jku": "https://x"},
        {"jwk": {}},
        {"x5u": "https://x"},
        {"x5c": []},
        {"b64": False},
        {"zip": "DEF"},
    ],
)
def test_s26_a_header_that_brings_a_key_or_an_extension_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused, match="header member"):
        verify_jws(with_header({"alg": "ES256", "kid": "test-1"} | extra), keys=KEYS)


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "es256"},
        {"alg": 1},
        {"alg": "ES256", "kid": 1},
        '{"alg":"none","alg":"ES256"}',
        '{"alg":"ES256"',
        "[]",
        '"ES256"',
        '{"alg":"ES256","typ":{"a":{"b":{"c":{"d":{}}}}}}',
    ],
)
def test_s26_algorithms_off_the_list_and_malformed_headers_are_refused(header: Any) -> None:
    with pytest.raises(TokenRefused):
        verify_jws(with_header(header), keys=KEYS)


def test_s26_hmac_with_the_public_key_as_secret_is_refused() -> None:
    public = json.dumps(ISSUER.jwks()["keys"][0]).encode()
    head = base64url(b'{"alg":"HS256","kid":"test-1"}') + "." + base64url(b"{}")
    forged = f"{head}.{base64url(hmac.digest(public, head.encode(), 'sha256'))}"
    for algorithms in (frozenset({"ES256"}), frozenset({"ES256", "HS256"})):
        with pytest.raises(TokenRefused):
            verify_jws(forged, keys=KEYS, algorithms=algorithms)


@pytest.mark.parametrize(
    "compact",
    [
        "",
        "a.b",
        GOOD + ".",
        "." + GOOD,
        GOOD + ".AAAA",
        GOOD.replace(".", "..", 1),
        GOOD + "=",
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace(".", ". ", 1),
        GOOD[:-1],
        GOOD + "é",
        GOOD.replace(".", ".é", 1),
        GOOD.rpartition(".")[0] + ".",
        GOOD + "A" * 20_000,
    ],
)
def test_s26_anything_but_three_canonical_parts_is_refused(compact: str) -> None:
    with pytest.raises(TokenRefused):
        verify_jws(compact, keys=KEYS)


@pytest.mark.parametrize("compact", [GOOD.split(".")[0], ".".join(GOOD.split(".")[::2])])
def test_rfc7515_section_7_1_a_text_without_a_payload_part_is_no_compact_jws(compact: str) -> None:
    with pytest.raises(TokenRefused, match="not a compact JWS"):
        verify_jws(compact, keys=KEYS)


def test_a_header_seen_before_is_held_against_what_each_caller_accepts() -> None:
    assert verify_jws(GOOD, keys=KEYS, types=frozenset({"at+jwt"}))
    with pytest.raises(TokenRefused, match="type"):
        verify_jws(GOOD, keys=KEYS, types=frozenset({"jwt"}))
    with pytest.raises(TokenRefused, match="algorithm"):
        verify_jws(GOOD, keys=KEYS, algorithms=frozenset({"RS256"}))
    with pytest.raises(KeyUnknown):
        verify_jws(GOOD, keys=KeySet(()))
    with pytest.raises(TokenRefused, match="signature"):
        verify_jws(GOOD, keys=Issuer().keys)


def test_a_changed_byte_in_any_part_is_refused() -> None:
    for index in range(0, len(GOOD), 7):
        letter = "A" if GOOD[index] != "A" else "B"
        with pytest.raises(TokenRefused):
            verify_jws(GOOD[:index] + letter + GOOD[index + 1 :], keys=KEYS)


def test_another_key_and_an_unknown_kid_are_refused() -> None:
    with pytest.raises(TokenRefused):
        verify_jws(GOOD, keys=Issuer().keys)
    with pytest.raises(KeyUnknown):
        verify_jws(GOOD, keys=Issuer(kid="other").keys)
    with pytest.raises(KeyUnknown):
        verify_jws(GOOD, keys=KeySet(()))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+JWT"])
def test_rfc9068_section_4_the_type_is_compared_as_a_media_type(typ: str) -> None:
    assert verify_jws(ISSUER.sign({}, typ=typ), keys=KEYS, types=frozenset({"at+jwt"}))


@pytest.mark.parametrize("typ", ["JWT", "application/", "at-jwt", "application/application/at+jwt", "text/at+jwt"])
def test_s26_another_type_is_refused(typ: str) -> None:
    with pytest.raises(TokenRefused, match="type"):
        verify_jws(ISSUER.sign({}, typ=typ), keys=KEYS, types=frozenset({"at+jwt"}))


def test_an_absent_type_is_accepted_only_where_it_is_named() -> None:
    key = ECKey.generate_key("P-256")
    keys = KeySet([parse_key(key.as_dict(private=False))])
    compact = jws.serialize_compact({"alg": "ES256"}, b"{}", key)
    assert unverified_kid(compact) is None
    assert verify_jws(compact, keys=keys, types=frozenset({""}))
    with pytest.raises(TokenRefused):
        verify_jws(compact, keys=keys, types=frozenset({"at+jwt"}))


def test_an_algorithm_nobody_implements_is_refused_even_if_it_is_named() -> None:
    with pytest.raises(TokenRefused):
        verify_jws(with_header({"alg": "none"}), keys=KEYS, algorithms=frozenset({"none"}))

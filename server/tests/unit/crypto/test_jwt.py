import hmac
import json
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc import jwt as oracle
from joserfc.jwk import ECKey, RSAKey
from joserfc.jwk import KeySet as OracleKeys

from newel.crypto.base64url import encode
from newel.crypto.jwk import KeySet
from newel.crypto.jwt import ASYMMETRIC, MAX_TOKEN, TokenRefused, sign, verify, verify_jws
from newel.crypto.keys import KeyRing, generate

VECTORS = Path(__file__).parents[4] / "tests" / "vectors"
KNOWN = json.loads((VECTORS / "oauth" / "rfc-known-answers.json").read_text(encoding="utf-8"))
NOW = 1_790_000_000
RING = KeyRing(
    [generate("ES256", created_at=NOW, active_at=NOW), generate("RS256", created_at=NOW, active_at=NOW)], NOW
)
KID = RING.signer("ES256").kid
CLAIMS = {"iss": "https://login.example", "sub": "s1", "iat": NOW, "exp": NOW + 300, "text": "Zürich", "amr": ["pwd"]}
TOKEN = sign(RING, CLAIMS, typ="at+jwt")
HEADER = {"alg": "ES256", "kid": KID, "typ": "at+jwt"}
PRIVATE = RING.signer("ES256").private
assert isinstance(PRIVATE, ec.EllipticCurvePrivateKey)
ORACLE = ECKey.import_key(PRIVATE)


def checked(token: str, *, keys: KeySet = RING.key_set, now: int | None = NOW, **more: Any) -> dict[str, Any]:
    expected: dict[str, Any] = {"algorithms": frozenset({"ES256", "RS256"}), "typ": ("at+jwt",)}
    return verify(token, keys, now=now, **(expected | more))


def reason(token: str, **more: Any) -> str:
    with pytest.raises(TokenRefused) as refused:
        checked(token, **more)
    return refused.value.reason


def forged(header: object, payload: bytes = json.dumps(CLAIMS).encode(), *, raw: bytes | None = None) -> str:
    """A token whose ES256 signature is right, whatever its header says."""
    head = encode(json.dumps(header).encode() if raw is None else raw)
    return _signed(f"{head}.{encode(payload)}")


def _signed(text: str) -> str:
    signature = jws.JWSRegistry.algorithms["ES256"].sign(text.encode(), ORACLE)
    return f"{text}.{encode(signature)}"


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_another_library_verifies_what_is_signed(alg: str) -> None:
    token = sign(RING, CLAIMS, typ="JWT", alg=alg)
    known = OracleKeys.import_key_set(cast("Any", RING.jwks()))
    decoded = oracle.decode(token, known, algorithms=[alg])
    assert decoded.claims == CLAIMS
    assert decoded.header == {"alg": alg, "kid": RING.signer(alg).kid, "typ": "JWT"}


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_what_is_signed_is_verified(alg: str) -> None:
    assert checked(sign(RING, CLAIMS, typ="at+jwt", alg=alg)) == CLAIMS


def test_what_another_library_signed_is_verified() -> None:
    assert checked(oracle.encode(HEADER, CLAIMS, ORACLE)) == CLAIMS
    assert checked(forged(HEADER)) == CLAIMS


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(LookupError):
        sign(RING, CLAIMS, typ="JWT", alg="PS256")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (HEADER | {"alg": "none"}, "algorithm"),
        (HEADER | {"alg": "NONE"}, "algorithm"),
        (HEADER | {"alg": "HS256"}, "algorithm"),
        (HEADER | {"alg": "PS256"}, "algorithm"),
        (HEADER | {"alg": ["ES256"]}, "algorithm"),
        ({"kid": KID, "typ": "at+jwt"}, "algorithm"),
        (HEADER | {"alg": "RS256"}, "unknown_key"),
        (HEADER | {"kid": "another"}, "unknown_key"),
        (HEADER | {"kid": 1}, "malformed"),
        (HEADER | {"kid": None}, "malformed"),
        (HEADER | {"jku": "https://evil.example/jwks"}, "foreign_key"),
        (HEADER | {"x5u": "https://evil.example/cert"}, "foreign_key"),
        (HEADER | {"x5c": []}, "foreign_key"),
        (HEADER | {"jwk": {}}, "foreign_key"),
        (HEADER | {"crit": ["exp"], "exp": 1}, "extension"),
        (HEADER | {"crit": []}, "extension"),
        (HEADER | {"b64": False}, "extension"),
        (HEADER | {"typ": "JWT"}, "type"),
        (HEADER | {"typ": ["at+jwt"]}, "type"),
        ({"alg": "ES256", "kid": KID}, "type"),
        ([HEADER], "malformed"),
        (None, "malformed"),
    ],
)
def test_s26_a_header_that_asks_for_trust_is_refused(header: object, why: str) -> None:
    assert reason(forged(header)) == why


@pytest.mark.parametrize("form", ["pem", "der"])
def test_s26_hmac_with_the_public_key_is_refused(form: str) -> None:
    public = RSAKey.import_key(cast("Any", RING.signer("RS256").private))
    secret = public.as_pem(private=False) if form == "pem" else public.as_der(private=False)
    header = {"alg": "HS256", "kid": RING.signer("RS256").kid, "typ": "at+jwt"}
    signed = ".".join(encode(json.dumps(part).encode()) for part in (header, CLAIMS))
    token = f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}"
    assert reason(token) == "algorithm"
    assert reason(token, algorithms=frozenset({"HS256", "RS256"})) == "algorithm"


def test_the_type_is_compared_without_case_and_without_application() -> None:
    assert checked(forged(HEADER | {"typ": "Application/AT+JWT"})) == CLAIMS
    assert checked(forged({"alg": "ES256", "kid": KID}), typ=("jwt", None)) == CLAIMS
    assert checked(forged(HEADER | {"typ": "JWT"}), typ=("jwt", None)) == CLAIMS


@pytest.mark.parametrize(
    "raw", [b'{"alg":"none","alg":"ES256","typ":"at+jwt"}', b'{"alg":"ES256","typ":"at+jwt"} x', b"\xff", b"[" * 1500]
)
def test_s26_a_header_that_two_readers_read_differently_is_refused(raw: bytes) -> None:
    assert reason(forged(None, raw=raw)) == "malformed"


@pytest.mark.parametrize("payload", [b"[]", b"1", b"", b'{"exp":1,"exp":9999999999}', b'{"exp":NaN}', b"\xff"])
def test_claims_are_one_object_that_reads_in_one_way(payload: bytes) -> None:
    assert reason(forged(HEADER, payload)) == "claims"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": NOW - 10}, "expired"),
        ({"exp": NOW - 9}, None),
        ({"nbf": NOW + 11}, "expired"),
        ({"nbf": NOW + 10}, None),
        ({"iat": NOW + 11}, "expired"),
        ({"exp": NOW + 0.5}, None),
        ({"exp": str(NOW + 300)}, "claims"),
        ({"exp": True}, "claims"),
        ({"exp": None}, "claims"),
        ({"iat": [NOW]}, "claims"),
    ],
)
def test_a_token_counts_from_nbf_and_iat_until_exp_with_ten_seconds_grace(
    changed: dict[str, Any], why: str | None
) -> None:
    token = sign(RING, CLAIMS | changed, typ="at+jwt")
    assert checked(token, now=None)
    if why is None:
        assert checked(token) == CLAIMS | changed
    else:
        assert reason(token) == why


def test_a_token_without_exp_or_with_an_infinite_one_is_refused() -> None:
    assert reason(sign(RING, {"iss": "i"}, typ="at+jwt")) == "claims"
    assert reason(forged(HEADER, b'{"exp":1e999}')) == "claims"


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", TOKEN + ".", "." + TOKEN, TOKEN.rsplit(".", 1)[0], TOKEN + "=", TOKEN + "\n", TOKEN + "é"],
)
def test_s26_what_is_not_three_parts_of_strict_base64url_is_refused(token: str) -> None:
    assert reason(token) == "malformed"


def test_s35_a_large_token_or_header_is_refused_unread() -> None:
    assert reason("a" * (MAX_TOKEN + 1)) == "too_large"
    assert reason(forged(HEADER | {"x": "y" * 2048})) == "malformed"


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="utf-8"))
def test_one_changed_character_anywhere_is_refused(place: int, character: str) -> None:
    if TOKEN[place] != character:
        assert reason(TOKEN[:place] + character + TOKEN[place + 1 :])


@given(
    st.text(max_size=60)
    | st.lists(st.binary(max_size=30), min_size=3, max_size=3).map(lambda p: ".".join(map(encode, p)))
)
def test_any_text_is_refused_with_a_reason(token: str) -> None:
    assert reason(token)


def test_every_algorithm_that_is_believed_is_asymmetric() -> None:
    assert not [name for name in ASYMMETRIC if name.startswith("HS") or name == "none"]


def test_rfc_8037_appendix_a_4_and_a_5() -> None:
    known = KNOWN["ed25519_rfc8037"]
    keys = KeySet.from_jwks({"keys": [known["jwk"]]})
    payload = verify_jws(known["jws"], keys, algorithms=frozenset({"EdDSA"}), typ=(None,))
    assert payload == b"Example of Ed25519 signing"


@pytest.mark.parametrize("name", ["4_1.rsa_v15_signature", "4_2.rsa-pss_signature", "4_3.ecdsa_signature"])
def test_rfc_7520_sections_4_1_to_4_3(name: str) -> None:
    case = json.loads((VECTORS / "jose" / "rfc7520" / "jws" / f"{name}.json").read_text(encoding="utf-8"))
    private = {"d", "p", "q", "dp", "dq", "qi"}
    public = {member: value for member, value in case["input"]["key"].items() if member not in private}
    keys = KeySet.from_jwks({"keys": [public]})
    payload = verify_jws(case["output"]["compact"], keys, algorithms=ASYMMETRIC, typ=(None,))
    assert payload == case["input"]["payload"].encode()

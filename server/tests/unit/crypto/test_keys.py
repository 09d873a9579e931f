import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from newel.crypto import keys as module
from newel.crypto.jwk import KeyRefused, thumbprint
from newel.crypto.keys import KeyRing, SigningKey, generate

DAY = module.DAY
NOW = 1_790_000_000
RSA = generate("RS256", created_at=NOW, active_at=NOW)


def es256(created: int, active: int, retire: int | None = None) -> SigningKey:
    return generate(
        "ES256", created_at=NOW + created, active_at=NOW + active, retire_at=None if retire is None else NOW + retire
    )


FIRST = es256(0, 0, retire=100)
SECOND = es256(50, 100)


def kids(ring: KeyRing) -> list[str]:
    return [jwk["kid"] for jwk in ring.jwks()["keys"]]


def test_a_kid_is_the_thumbprint_and_the_public_part_holds_nothing_private() -> None:
    assert FIRST.kid == thumbprint(FIRST.public_jwk)
    assert set(FIRST.public_jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert set(RSA.public_jwk) == {"kty", "n", "e", "kid", "alg", "use"}
    assert "private" not in repr(FIRST)


@pytest.mark.parametrize(
    ("after", "signs", "published"),
    [
        (0, FIRST, [FIRST]),
        (49, FIRST, [FIRST]),
        (50, FIRST, [SECOND, FIRST]),
        (99, FIRST, [SECOND, FIRST]),
        (100, SECOND, [SECOND, FIRST]),
        (100 + DAY - 1, SECOND, [SECOND, FIRST]),
        (100 + DAY, SECOND, [SECOND]),
    ],
)
def test_a_key_is_published_before_it_signs_and_until_its_last_token_expired(
    after: int, signs: SigningKey, published: list[SigningKey]
) -> None:
    ring = KeyRing([FIRST, SECOND], NOW + after)
    assert ring.signer("ES256").kid == signs.kid
    assert kids(ring) == [key.kid for key in published]
    assert {key.kid for key in ring.key_set.keys} == {key.kid for key in published}


def test_a_ring_says_when_it_changes() -> None:
    moments, now = [], NOW - 1
    while (then := KeyRing([FIRST, SECOND], now).changes_at) is not None:
        moments.append(then - NOW)
        now = then
    assert moments == [0, 50, 100, 100 + DAY]


def test_before_a_key_is_active_nothing_signs_and_before_its_creation_nothing_is_published() -> None:
    with pytest.raises(LookupError):
        KeyRing([SECOND], NOW + 60).signer("ES256")
    assert kids(KeyRing([SECOND], NOW + 49)) == []


def test_of_two_active_keys_the_later_one_signs_for_its_algorithm() -> None:
    ring = KeyRing([es256(0, 0), SECOND, RSA], NOW + 200)
    assert ring.signer("ES256").kid == SECOND.kid
    assert ring.signer("RS256").kid == RSA.kid
    assert ring.algorithms == ("ES256", "RS256")


def test_s26_two_signing_keys_of_one_kid_are_refused() -> None:
    with pytest.raises(KeyRefused):
        KeyRing([FIRST, dataclasses.replace(SECOND, kid=FIRST.kid)], NOW)


@pytest.mark.parametrize(
    "key",
    [
        dataclasses.replace(FIRST, private=SECOND.private),
        dataclasses.replace(FIRST, public_jwk=SECOND.public_jwk),
        dataclasses.replace(FIRST, kid=SECOND.kid),
        dataclasses.replace(FIRST, alg="RS256"),
    ],
)
def test_a_key_whose_parts_do_not_belong_together_signs_nothing(key: SigningKey) -> None:
    with pytest.raises(KeyRefused):
        KeyRing([key], NOW).signer(key.alg)


def test_a_key_of_another_kind_signs_nothing() -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    private = other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyRefused):
        KeyRing([dataclasses.replace(FIRST, private=private)], NOW).signer("ES256")

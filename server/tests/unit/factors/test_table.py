import dataclasses

import pytest
from server.tests.unit.factors.moment import ALEX, NOW, VAULT, moment

from newel.crypto.vault import SealRefused
from newel.domain.evidence import Authenticator
from newel.domain.method import METHODS
from newel.factors.table import FACTORS, opened, sealed

SEED = b"12345678901234567890"
APP = Authenticator(id="t1", subject=ALEX.id, method="totp", name="App", created_at=NOW, material=SEED)
STORED = sealed(APP, VAULT, nonce=b"n" * 12)


def test_every_method_of_the_domain_has_its_factor() -> None:
    assert FACTORS.keys() == METHODS.keys()
    assert all(factor.method == method for method, factor in FACTORS.items())
    assert {method for method, factor in FACTORS.items() if factor.slow} == {"password"}


def test_s32_a_seed_is_sealed_where_it_is_stored() -> None:
    assert SEED not in STORED.material
    assert opened(STORED, VAULT) == APP


@pytest.mark.parametrize("moved", [{"subject": "sam"}, {"id": "t2"}])
def test_s32_a_seed_copied_to_another_row_does_not_open(moved: dict[str, str]) -> None:
    with pytest.raises(SealRefused):
        opened(dataclasses.replace(STORED, **moved), VAULT)  # type: ignore[arg-type] # both fields are texts


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"totp"}))
def test_material_that_is_no_secret_stays_as_it_is(method: str) -> None:
    held = dataclasses.replace(APP, method=method)
    assert sealed(held, VAULT, nonce=b"n" * 12) is held
    assert opened(held, VAULT) is held


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_kept_challenge_gives_its_public_part_again(method: str) -> None:
    made = FACTORS[method].challenge(moment(), ())
    assert FACTORS[method].public(moment(), made.challenge, ()) == made.public

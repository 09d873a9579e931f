"""The caller: what is remembered of those who proved themselves."""

from newel.domain.client import Authentication, Client
from newel.pdp.caller import MOST, Callers


def test_s35_callers_are_remembered_within_bounds() -> None:
    client = Client(id="c", name="C", authentication=Authentication.BASIC, redirect_uris=(), created_at=0)
    callers = Callers()
    for number in range(MOST + 1):
        callers.keep(number.to_bytes(32, "big"), client)
    assert len(callers._known) == 1

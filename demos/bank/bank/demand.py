"""What a payment demands of the person who sends it: nothing while it is small and the payee known.

Small payments do not add up in silence: what left unasked since the last confirmed payment counts (RTS article 16 of
Directive 2015/2366 draws the same two lines).
"""

from collections.abc import Mapping
from typing import Any

from bank.money import format_amount
from newel_sdk import Demand

SMALL = 3_000  # 30.00
SMALL_TOGETHER = 10_000  # 100.00
LARGE = 1_000_000  # 10,000.00


def demand(fields: Mapping[str, Any], facts: Mapping[str, Any]) -> Demand | None:
    """Decide on one payment.

    `fields` are what is shown and bound (amount, payee, reference); `facts`: `known_payee`, `repeated` (this form has
    already moved the ledger, and can move it no more), `unasked` (minor units).
    """
    minor, name = fields["amount"]["minor"], fields["payee"]["name"]
    if facts["repeated"]:
        return None
    if minor > LARGE:
        return Demand(acr="phr", max_age=120, bind=True, because=f"This is more than {format_amount(LARGE)}")
    if not facts["known_payee"]:
        return Demand(acr="aal2", max_age=300, bind=True, because=f"{name} is a new payee")
    if minor > SMALL:
        return Demand(acr="aal2", max_age=300, bind=True, because=f"This is more than {format_amount(SMALL)}")
    if facts["unasked"] + minor > SMALL_TOGETHER:
        together = f"Your small payments since you last confirmed one come to more than {format_amount(SMALL_TOGETHER)}"
        return Demand(acr="aal2", max_age=300, bind=True, because=together)
    return None

"""Sending money: from what was typed to the values that are shown, bound and executed, and the one moment they are.

1. `Sending.fields` reads the request strictly and refuses in words what cannot be executed, before anybody is asked.
2. The account that pays is not among the fields: a customer has one that can, so nothing about it can be changed.
3. `Sending.reservation` names what the policy counts the payment under: a form sent again is counted once.
4. `Sending.execute` spends the approval and moves the ledger in one transaction, or does neither. It moves nothing that
   the policy did not count under that name, and nothing that was given back.
"""

import hashlib
import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from bank import ledger, payees
from bank.database import transaction
from bank.iban import parse_iban
from bank.ledger import Order, Transfer
from bank.money import CURRENCY, NoAmount, format_amount, parse_amount
from newel_sdk import Allowed, SqliteSpentStore
from newel_sdk.claims import Claims
from newel_sdk.encoding import base64url

NEW_PAYEE = "new"
KNOWN = "payee_known"  # `ctx.payee_known` of the policy
BAD_IBAN = "That is no account number. Compare it with your invoice, digit by digit."
NAME_LONGEST = 70  # SEPA credit transfer: 70 characters of a name, 140 of a reference
REFERENCE_LONGEST = 140
MEMBERS = frozenset({"key", "payee", "name", "iban", "amount", "reference", "from"})
_KEY = re.compile(r"[A-Za-z0-9._~-]{8,128}")


class Refused(Exception):
    """A payment that is not made; `field` names where to mend it (empty: nowhere), `typed` is what was typed.

    `no_way`: the person has nothing to confirm it with.
    """

    def __init__(
        self, field: str, because: str, *, typed: Mapping[str, str], status: int = 400, no_way: bool = False
    ) -> None:
        super().__init__(because)
        self.field, self.because, self.typed, self.status, self.no_way = field, because, typed, status, no_way


@dataclass(frozen=True, slots=True)
class Sending:
    """The act of sending money over one ledger; `clock` gives seconds."""

    db: sqlite3.Connection
    clock: Callable[[], int]

    def fields(self, parsed: Mapping[str, Any], claims: Claims) -> dict[str, Any]:
        """What will be executed, whole; Refused for what cannot be."""
        typed = _typed(parsed)
        done = ledger.by_key(self.db, claims.subject, typed["key"])
        order = self._order(typed, claims.subject)
        if done is None:
            self._possible(order, typed, claims.subject)
        elif done.order != order:
            sent = f"{format_amount(done.order.minor)} to {done.order.payee_name}"
            raise Refused("", f"This form was sent before: {sent}. Start a new payment.", typed=typed, status=409)
        return {
            "amount": {"minor": order.minor, "currency": CURRENCY},
            "payee": {"id": order.payee_iban, "name": order.payee_name, "country": order.payee_iban[:2]},
            **({"reference": order.reference} if order.reference else {}),
        }

    def facts(self, parsed: Mapping[str, Any], claims: Claims) -> dict[str, Any]:
        """What the bank states to the policy beside the fields: it keeps the payees."""
        return {KNOWN: self._known(self._order(_typed(parsed), claims.subject), claims.subject)}

    def reservation(self, parsed: Mapping[str, Any], claims: Claims) -> str:
        """The name under which the policy counts this payment: the form's key, made this person's and these values' own."""
        order = self._order(_typed(parsed), claims.subject)
        return self._counted_under(order, claims.subject, known=self._known(order, claims.subject))

    def done(self, parsed: Mapping[str, Any], claims: Claims) -> bool:
        """Whether this form has moved the ledger already."""
        return ledger.by_key(self.db, claims.subject, _typed(parsed)["key"]) is not None

    def typed(self, parsed: Mapping[str, Any]) -> Mapping[str, str]:
        """What was typed, whole; Refused for what no form of ours holds."""
        return _typed(parsed)

    def execute(self, allowed: Allowed) -> Transfer:
        """Spend the approval and move the ledger; the transfer already made where the key made one. Refused."""
        with transaction(self.db):
            return self._execute(allowed, _ordered(allowed), allowed.claims.subject, allowed.facts["typed"])

    def forgo(self, allowed: Allowed) -> bool:
        """Make sure that nothing is executed any more under the reservation of a payment that was refused.

        False where something was, or where it was given back before: then there is nothing to give back.
        """
        order, subject = _ordered(allowed), allowed.claims.subject
        with transaction(self.db):
            held = ledger.by_key(self.db, subject, order.key) is None and self._counts(allowed, order, subject)
            if held:
                ledger.forgo(self.db, subject, order.key)
            return held

    def _execute(self, allowed: Allowed, order: Order, subject: str, typed: Mapping[str, str]) -> Transfer:
        unused = allowed.spend(SqliteSpentStore(self.db, self.clock))
        done = ledger.by_key(self.db, subject, order.key)
        if done is not None and done.order == order:
            return done
        if done is not None:
            raise Refused("", "This form was sent before. Start a new payment.", typed=typed, status=409)
        if not unused:
            because = "That confirmation has done its one payment. Send again to confirm this one."
            raise Refused("", because, typed=typed, status=409)
        if not self._counts(allowed, order, subject):
            raise Refused("", "Another try of this form came first. Send it again.", typed=typed, status=409)
        return self._move(order, subject, typed, confirmed=allowed.elevation is not None)

    def _move(self, order: Order, subject: str, typed: Mapping[str, str], *, confirmed: bool) -> Transfer:
        credit = ledger.destination(self.db, order.payee_iban)
        debit = ledger.accounts(self.db, subject)[0].id
        if credit is None:
            raise Refused("iban", "Acme Bank has no account with this number.", typed=typed, status=409)
        try:
            moved = ledger.move(
                self.db, order, subject=subject, debit=debit, credit=credit, at=self.clock(), confirmed=confirmed
            )
        except ledger.InsufficientFunds as short:
            raise self._short(subject, typed) from short
        if confirmed:
            payees.know(self.db, subject, iban=order.payee_iban, name=order.payee_name)
        return moved

    def _counts(self, allowed: Allowed, order: Order, subject: str) -> bool:
        """Whether the policy counts exactly this under the reservation of now."""
        name = self._counted_under(order, subject, known=allowed.facts.get(KNOWN, False))
        return allowed.reservation == name

    def _counted_under(self, order: Order, subject: str, *, known: bool) -> str:
        # All that is asked about stands in the name, so that one name never asks two questions.
        said = [subject, ledger.forgone(self.db, subject, order.key), known, *astuple(order)]
        return base64url(hashlib.sha256(json.dumps(said).encode()).digest())

    def _known(self, order: Order, subject: str) -> bool:
        saved = payees.payee(self.db, subject, order.payee_iban)
        return saved is not None and saved.state == "known"

    def _order(self, typed: Mapping[str, str], subject: str) -> Order:
        if not _KEY.fullmatch(typed["key"]):
            raise Refused("", "This form has no number of its own. Open it again.", typed=typed)
        iban, name = self._payee(typed, subject)
        minor = parse_amount(typed["amount"])
        if isinstance(minor, NoAmount):
            raise Refused("amount", minor.because, typed=typed)
        reference = plain_text(typed["reference"], longest=REFERENCE_LONGEST)
        if reference is None:
            raise Refused(
                "reference", f"A reference is one line of at most {REFERENCE_LONGEST} characters.", typed=typed
            )
        return Order(key=typed["key"], minor=minor, payee_iban=iban, payee_name=name, reference=reference)

    def _payee(self, typed: Mapping[str, str], subject: str) -> tuple[str, str]:
        if not typed["payee"]:
            raise Refused("payee", "Choose whom to pay.", typed=typed)
        chosen = typed["iban"] if typed["payee"] == NEW_PAYEE else typed["payee"]
        iban = parse_iban(chosen)
        if iban is None:
            raise Refused("iban", BAD_IBAN, typed=typed)
        saved = payees.payee(self.db, subject, iban)
        if saved is not None:
            return iban, saved.name
        if typed["payee"] != NEW_PAYEE:
            raise Refused("payee", "That payee is not on your list. Choose another, or someone new.", typed=typed)
        name = plain_text(typed["name"], longest=NAME_LONGEST)
        if not name:
            raise Refused("name", f"Type the payee's name, at most {NAME_LONGEST} characters.", typed=typed)
        return iban, name

    def _possible(self, order: Order, typed: Mapping[str, str], subject: str) -> None:
        own = ledger.accounts(self.db, subject)
        if not own:
            raise Refused("", "There is no account to pay from.", typed=typed, status=403)
        if typed["from"] and parse_iban(typed["from"]) != own[0].iban:
            raise Refused("from", "You can pay from your own current account only.", typed=typed, status=403)
        if any(each.iban == order.payee_iban for each in own):
            raise Refused("iban", "That is your own account. Choose another payee.", typed=typed)
        saved = payees.payee(self.db, subject, order.payee_iban)
        if saved is not None and saved.state == "closed":
            raise Refused("payee", f"{saved.name} closed this account. Ask for the new number.", typed=typed)
        if ledger.destination(self.db, order.payee_iban) is None:
            raise Refused("iban", "Acme Bank has no account with this number.", typed=typed)
        if own[0].balance < order.minor:
            raise self._short(subject, typed)

    def _short(self, subject: str, typed: Mapping[str, str]) -> Refused:
        held = format_amount(ledger.accounts(self.db, subject)[0].balance)
        return Refused("amount", f"Your current account holds {held}. Send less.", typed=typed)


def _ordered(allowed: Allowed) -> Order:
    """The order that was allowed."""
    fields = allowed.fields
    return Order(
        key=allowed.facts["typed"]["key"],
        minor=fields["amount"]["minor"],
        payee_iban=fields["payee"]["id"],
        payee_name=fields["payee"]["name"],
        reference=fields.get("reference", ""),
    )


def plain_text(text: str, *, longest: int) -> str | None:
    """One line in NFC without leading and trailing space; None where it is longer or holds control characters."""
    line = unicodedata.normalize("NFC", text).strip()
    odd = any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in line)
    return None if odd or len(line) > longest else line


def _typed(parsed: Mapping[str, Any]) -> dict[str, str]:
    """The members of a payment as texts; what was left out is empty, what is unknown or no text is refused."""
    typed = dict.fromkeys(sorted(MEMBERS), "")
    for name, value in parsed.items():
        if name not in MEMBERS or not isinstance(value, str):
            raise Refused("", "This form holds something it should not. Open it again.", typed=typed)
    return {**typed, **parsed}

"""What every page stands on: who is there, the form to send money, and a refusal with the form kept."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from bank import customers, ledger, payees
from bank.rendering import Renderer
from bank.sessions import BankSessions
from bank.transfer import MEMBERS, Refused
from newel_sdk import Allowed, Intents
from newel_sdk.asgi import RESUMED, Resumed
from newel_sdk.errors import ResumeRefused
from newel_sdk.resume import Refusal

DECLINED = "Nothing was sent. Your form is as you left it."
NOTHING_DONE = "Nothing was sent or changed."
PAYMENTS = "/payments"
SEE_OTHER, UNAUTHORIZED = 303, 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The bank as its pages see it."""

    db: sqlite3.Connection
    renderer: Renderer
    sessions: BankSessions
    intents: Intents

    def page(self, allowed: Allowed, template: str, *, here: str, status: int = 200, **values: object) -> Response:
        """A page for the person who was let in."""
        who = customers.name(self.db, allowed.claims.subject)
        return self.renderer.page(template, status=status, who=who, here=here, **values)

    def form(
        self,
        subject: str,
        typed: Mapping[str, str],
        *,
        error: Refused | None = None,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        """The form to send money, with what was typed."""
        own = ledger.accounts(self.db, subject)
        return self.renderer.page(
            "send.html",
            status=status,
            who=customers.name(self.db, subject),
            here="/payments/new",
            payees=[each for each in payees.payees(self.db, subject) if each.state != "closed"],
            account=own[0] if own else None,
            typed={**dict.fromkeys(MEMBERS, ""), **typed},
            error=error,
            notice=notice,
        )

    def nowhere(self, allowed: Allowed, heading: str, because: str) -> Response:
        """The answer to an address that leads to nothing of this person's."""
        onward = {"onward": "/accounts", "label": "See your accounts"}
        return self.page(allowed, "refused.html", here="", status=404, heading=heading, because=because, **onward)

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """A refusal of the guard as a page: the form where there is one of this person, else words and a way on."""
        tokens = self.sessions.look(request)
        kept = None if tokens is None else self._kept(request, tokens.subject, tokens.lineage)
        if tokens is not None and kept is not None:
            declined = request.query_params.get("error") == "access_denied"
            because = refusal.because.replace(NOTHING_DONE, "").strip()
            return self.form(tokens.subject, kept, notice=DECLINED if declined else f"Nothing was sent. {because}")
        signed_in = tokens is not None and refusal.status != UNAUTHORIZED
        return self.renderer.page(
            "refused.html",
            status=refusal.status,
            who=customers.name(self.db, tokens.subject) if tokens is not None and signed_in else "",
            heading=refusal.title,
            because=refusal.because,
            onward="/accounts" if signed_in else "/sign-in",
            label="See your accounts" if signed_in else "Sign in",
        )

    def not_made(self, request: Request, refused: Refused) -> Response:
        """A payment refused by the bank itself: the form, with what was typed and where to mend it."""
        tokens = self.sessions.look(request)
        if tokens is None:  # resumed by somebody whose session ended in the meantime
            gone = Refusal(status=refused.status, title="This was not sent", because=refused.because)
            return self.refused(request, gone)
        return self.form(tokens.subject, refused.typed, error=refused, status=refused.status)

    def _kept(self, request: Request, subject: str, lineage: str) -> Mapping[str, str] | None:
        """The fields of the interrupted form, taken back for the person, browser and session that made it."""
        resumed = request.scope.get(RESUMED)
        if isinstance(resumed, Resumed):
            return resumed.intent.fields
        intent_id = getattr(request.state, "intent", "")
        if not intent_id:
            return None
        secret = request.cookies.get(self.intents.cookie_name(intent_id))
        try:
            intent = self.intents.take(intent_id, secret=secret, subject=subject, lineage=lineage)
        except ResumeRefused:
            return None
        return intent.fields if intent.route == PAYMENTS else None

"""The words around an act: what its page is called, what the buttons do, what did not happen when it is refused."""

from typing import Final

from newel.domain.value import dataclass
from newel.i18n.message import Clock, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The words for one kind of act. `until` below is worded by `limits`."""

    verb: Text
    what: Text  # the act as the subject of a sentence; after "for" in German
    title: Text
    with_passkey: Text
    with_code: Text
    with_password: Text
    with_recovery: Text
    decline: Text
    nothing: Text
    no_passkey: Text
    declined: Text  # what is left as it was; `nothing` stands above it
    scope: str  # an id with {until}: what the proof counts for

    def limits(self, until: int) -> Text:
        """Say what a proof counts for and until when, in seconds since the epoch."""
        return Text(self.scope, {"until": Clock(until)})


SEND: Final = Act(
    verb=Text("Send"),
    what=Text("This payment"),
    title=Text("Confirm this payment"),
    with_passkey=Text("Send with passkey"),
    with_code=Text("Send with code"),
    with_password=Text("Send with password"),
    with_recovery=Text("Send with recovery code"),
    decline=Text("Don't send"),
    nothing=Text("Nothing was sent."),
    no_passkey=Text("Nothing was sent: no passkey was used. Try again or use a code."),
    declined=Text("Your form is as you left it."),
    scope=Text("Counts for this payment only, until %(until)s. If you don't send, your form stays as you left it.").id,
)
DELETE: Final = Act(
    verb=Text("Delete"),
    what=Text("This deletion"),
    title=Text("Confirm this deletion"),
    with_passkey=Text("Delete with passkey"),
    with_code=Text("Delete with code"),
    with_password=Text("Delete with password"),
    with_recovery=Text("Delete with recovery code"),
    decline=Text("Don't delete"),
    nothing=Text("Nothing was deleted."),
    no_passkey=Text("Nothing was deleted: no passkey was used. Try again or use a code."),
    declined=Text("Everything is as you left it."),
    scope=Text("Counts for this deletion only, until %(until)s. If you don't delete, everything stays as it is.").id,
)
CHANGE: Final = Act(
    verb=Text("Change"),
    what=Text("This change"),
    title=Text("Confirm this change"),
    with_passkey=Text("Change with passkey"),
    with_code=Text("Change with code"),
    with_password=Text("Change with password"),
    with_recovery=Text("Change with recovery code"),
    decline=Text("Don't change"),
    nothing=Text("Nothing was changed."),
    no_passkey=Text("Nothing was changed: no passkey was used. Try again or use a code."),
    declined=Text("Your form is as you left it."),
    scope=Text("Counts for this change only, until %(until)s. If you don't change it, everything stays as it is.").id,
)
VIEW: Final = Act(
    verb=Text("See"),
    what=Text("This page"),
    title=Text("Confirm it's you"),
    with_passkey=Text("Confirm with passkey"),
    with_code=Text("Confirm with code"),
    with_password=Text("Confirm with password"),
    with_recovery=Text("Confirm with recovery code"),
    decline=Text("Don't show it"),
    nothing=Text("Nothing was shown."),
    no_passkey=Text("Nothing was shown: no passkey was used. Try again or use a code."),
    declined=Text("You are still signed in as before."),
    scope=Text("This page waits until %(until)s. If you don't confirm, you stay signed in as before.").id,
)
CONFIRM: Final = Act(
    verb=Text("Confirm"),
    what=Text("This step"),
    title=Text("Confirm it's you"),
    with_passkey=Text("Confirm with passkey"),
    with_code=Text("Confirm with code"),
    with_password=Text("Confirm with password"),
    with_recovery=Text("Confirm with recovery code"),
    decline=Text("Don't confirm"),
    nothing=Text("Nothing was changed."),
    no_passkey=Text("Nothing was changed: no passkey was used. Try again or use a code."),
    declined=Text("You are still signed in as before."),
    scope=Text("This page waits until %(until)s. If you don't confirm, you stay signed in as before.").id,
)
SIGN_IN: Final = Act(
    verb=Text("Sign in"),
    what=Text("Signing in here"),
    title=Text("One more proof to sign in"),
    with_passkey=Text("Sign in with passkey"),
    with_code=Text("Sign in with code"),
    with_password=Text("Sign in with password"),
    with_recovery=Text("Sign in with recovery code"),
    decline=Text("Don't sign in"),
    nothing=Text("Nobody was signed in."),
    no_passkey=Text("Nobody was signed in: no passkey was used. Try again or use a code."),
    declined=Text("You can close this page."),
    scope=Text("This page waits until %(until)s.").id,
)
ACCOUNT: Final = Act(
    verb=Text("Change"),
    what=Text("This change"),
    title=Text("Confirm it's you to change your ways to confirm"),
    with_passkey=Text("Confirm with passkey"),
    with_code=Text("Confirm with code"),
    with_password=Text("Confirm with password"),
    with_recovery=Text("Confirm with recovery code"),
    decline=Text("Leave as it is"),
    nothing=Text("Nothing was changed."),
    no_passkey=Text("Nothing was changed: no passkey was used. Try again or use a code."),
    declined=Text("Your ways to confirm are as they were."),
    scope=Text("Counts for changes to your account for 5 minutes. This page waits until %(until)s.").id,
)

ACTS: Final = {
    "send": SEND,
    "delete": DELETE,
    "change": CHANGE,
    "view": VIEW,
    "confirm": CONFIRM,
    "sign_in": SIGN_IN,
    "account": ACCOUNT,
}


def act(name: str) -> Act:
    """Give the words for an act; a name without words of its own gets those of "confirm"."""
    return ACTS.get(name, CONFIRM)

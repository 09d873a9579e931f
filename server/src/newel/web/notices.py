"""What the account page says about what just happened, carried as a code in its address."""

from collections.abc import Mapping
from urllib.parse import urlencode

from newel.domain.method import PASSWORD, RECOVERY_CODE
from newel.flows.account import Changed, NotChanged
from newel.http.request import Request
from newel.i18n import sentences
from newel.i18n.message import Text, Words

ACCOUNT = "/account"
MOST_NAME = 60
REPLACED: Mapping[str, Text] = {
    PASSWORD.name: Text("Your new password works from now on."),
    RECOVERY_CODE.name: Text("Your new recovery codes work from now on."),
}
"""What is said where the new one takes the place of the old one."""


def account_address(change: str = "", outcome: Changed | NotChanged | None = None) -> str:
    """The account page, told what happened; `change` is what was begun, `rename:ID:NAME` for one."""
    match outcome:
        case Changed("renamed", _):
            return f"{ACCOUNT}?{urlencode({'done': 'renamed', 'name': change.split(':', 2)[2]})}"
        case Changed(act, name):
            return f"{ACCOUNT}?{urlencode({'done': act, 'name': name})}"
        case NotChanged(why, name):
            return f"{ACCOUNT}?{urlencode({'not': why, 'name': name})}"
        case None:
            return ACCOUNT


def added_address(method: str, name: str) -> str:
    """The account page, told that a new authenticator is there; a password and recovery codes have no name."""
    if method in REPLACED:
        return f"{ACCOUNT}?{urlencode({'done': method})}"
    return f"{ACCOUNT}?{urlencode({'done': 'added', 'name': name})}"


def notice(request: Request) -> Words | None:
    """What was done, if the address says so; the name is shown as text and nothing else."""
    name = request.query.get("name", "")[:MOST_NAME]
    match request.query.get("done"):
        case "removed":
            return sentences.removed(name)
        case "renamed":
            return sentences.renamed(name)
        case "confirmed":
            return sentences.confirmed(name)
        case "added":
            return sentences.added(name)
        case done:
            return REPLACED.get(done or "")


def error(request: Request) -> Words | None:
    """What was not done, if the address says so."""
    match request.query.get("not"):
        case "unknown":
            return Text("That way isn't in your account any more. Nothing was changed.")
        case "impossible":
            return Text("Your ways to confirm can't allow this change. Nothing was changed; ask the help desk.")
        case "moved":
            return Text("Something changed meanwhile, so nothing was done. Look at the list and try again.")
        case "last_way":
            return Text("This is your last way to sign in. Add another one first.")
        case _:
            return None

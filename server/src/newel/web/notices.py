"""What the account page says about what just happened, carried as a code in its address."""

from urllib.parse import urlencode

from newel.domain.interaction import Interaction
from newel.flows.account import Changed, NotChanged
from newel.http.request import Request
from newel.i18n import sentences
from newel.i18n.message import Text, Words

ACCOUNT = "/account"
MOST_NAME = 60


def account_address(_interaction: Interaction | None = None, outcome: Changed | NotChanged | None = None) -> str:
    """The account page, told what happened."""
    match outcome:
        case Changed(act, name):
            return f"{ACCOUNT}?{urlencode({'done': act, 'name': name})}"
        case NotChanged(why, name):
            return f"{ACCOUNT}?{urlencode({'not': why, 'name': name})}"
        case None:
            return ACCOUNT


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
        case _:
            return None


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

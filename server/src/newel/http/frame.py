"""What surrounds a page, whatever it asks."""

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a page stands and for whom.

    `here` is its path, for the link to the other language; empty where it has none of its own, and then no link is shown. `who` is the name of the person signed in and `not_you`
    where "Not you?" leads; `why` is where "Why am I asked?" leads. `expires` is how many seconds from now the page's
    challenge has left: a page in view past it reloads itself. It is a span, since the reader's clock may be wrong.
    """

    here: str = ""
    who: str | None = None
    not_you: str | None = None
    why: str | None = None
    expires: int | None = None

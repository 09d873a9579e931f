"""Whether a POST came from the application's own page (S16; Fetch standard, Origin and Sec-Fetch-Site).

Ports share cookies and SameSite does not stop a form from another port, so both headers are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from newel_sdk.errors import ResumeRefused


@dataclass(frozen=True, slots=True)
class SameOrigin:
    """Proof that a request was checked; only `same_origin` makes one, and an intent is kept for nothing less."""

    origin: str


def same_origin(headers: Mapping[str, str], origin: str) -> SameOrigin:
    """Check a state-changing request against the application's own origin; raises ResumeRefused.

    `headers` by lower-case name. A browser that states Sec-Fetch-Site must say `same-origin`; the Origin must then be
    ours or withheld (`null` under a strict referrer policy). One that does not must state our Origin.
    """
    stated, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise ResumeRefused("this request came from another site")
    if stated == origin or (site is not None and stated in {None, "null"}):
        return SameOrigin(origin)
    raise ResumeRefused("this request came from another origin")

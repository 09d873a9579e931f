"""What was interrupted: enough to send the same request again, and for whom."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from newel_sdk.encoding import parse_object
from newel_sdk.errors import ResumeRefused

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MAX_BYTES = 65_536
MAX_TITLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One interrupted POST.

    `route`: path with query, percent-encoded; `title`: the form in words, for the prompt; `bound`: an approval of exactly these values
    was asked for; `lineage`: the session id that survives rotation.
    """

    route: str
    content_type: str
    fields: Mapping[str, Any]
    title: str
    bound: bool
    subject: str
    lineage: str

    def __post_init__(self) -> None:
        """Refuse what could not be sent again unchanged."""
        if self.content_type not in {FORM, JSON}:
            raise ResumeRefused(
                "a form with files cannot be kept while you prove who you are; send it again afterwards"
            )
        if not self.route.startswith("/") or self.route.startswith("//") or not self.route.isascii():
            raise ResumeRefused("the address is not one of this application's own")
        if not self.subject or not self.lineage:
            raise ResumeRefused("nobody is signed in")
        if len(self.title) > MAX_TITLE:
            raise ResumeRefused(f"the title is over {MAX_TITLE} characters")

    def body(self) -> bytes:
        """Return the request body that says the same fields again."""
        if self.content_type == FORM:
            return urlencode(self.fields).encode("ascii")
        return json.dumps(self.fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    def to_bytes(self) -> bytes:
        """Return it for sealing; raises ResumeRefused over the limit."""
        data = json.dumps(asdict(self), separators=(",", ":")).encode("utf-8")
        if len(data) > MAX_BYTES:
            raise ResumeRefused("the form is too large to keep while you prove who you are; send it again afterwards")
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> "Intent":
        """Read what `to_bytes` wrote."""
        return cls(**parse_object(data))

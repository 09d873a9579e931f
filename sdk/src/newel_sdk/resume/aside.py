"""A page set aside: what the callback has to say, said at an address that holds nothing of the answer.

The address that brought a person back carries `code` or `error`, and `state`. A page shown there would keep them in the
address bar, the history and whatever is copied from it (RFC 9700 section 4.2).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from newel_sdk.encoding import base64url, parse_object, unbase64url

LARGEST = 262_144
NOT_KEPT = frozenset({"content-length", "set-cookie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A page with its status and headers; `lineage`: the session it speaks to, empty where nobody is signed in."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    lineage: str

    def to_bytes(self) -> bytes:
        """Return it for sealing."""
        headers = [[name, value] for name, value in self.headers if name.lower() not in NOT_KEPT]
        kept = {"status": self.status, "headers": headers, "body": base64url(self.body), "lineage": self.lineage}
        return json.dumps(kept, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Aside":
        """Read what `to_bytes` wrote."""
        kept = parse_object(data)
        headers = tuple((name, value) for name, value in kept["headers"])
        return cls(status=kept["status"], headers=headers, body=unbase64url(kept["body"]), lineage=kept["lineage"])

"""How many pages one address may see in a window (S11, S15).

Counted in the worker's memory: a page view is no proof, so a lost count only lets pages pass. The count is bounded;
when it is full, the oldest window is forgotten first.
"""

from collections import OrderedDict
from dataclasses import field

from newel.domain.value import dataclass
from newel.http.ratelimit import address_key

MOST_ADDRESSES = 20_000


@dataclass(slots=True)
class PageViews:
    """`limit` views for each address (an IPv6 /64 is one) in `window` seconds."""

    limit: int
    window: int
    _seen: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)

    def wait(self, address: str, now: int) -> int | None:
        """Count one view; None when it is allowed, else the seconds until the next one is. `now` in Unix seconds."""
        key = address_key(address)
        ends, count = self._seen.get(key, (now + self.window, 0))
        if ends <= now:
            ends, count = now + self.window, 0
            self._seen.pop(key, None)
        if count >= self.limit:
            return ends - now
        self._seen[key] = (ends, count + 1)
        if len(self._seen) > MOST_ADDRESSES:
            self._seen.popitem(last=False)
        return None

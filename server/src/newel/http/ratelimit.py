"""Rate limits: canonical bucket names (S11) and what happens when their store is down (S15)."""

import ipaddress
import unicodedata
from functools import lru_cache


def name_key(name: str) -> str:
    """Fold a name typed by a person: NFKC, case folded, twice because folding may leave what NFKC composes (S11)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold()).strip()


@lru_cache(maxsize=1024)
def address_key(address: str) -> str:
    """Give the bucket of a network address: IPv4 itself, also when mapped into IPv6; IPv6 its /64; else its text."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address.strip().lower()
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def bucket(purpose: str, *, name: str = "", subject: str = "", address: str = "") -> str:
    """Name a bucket. A known subject stands for every name it has, so user name and e-mail address share one (S11)."""
    who = f"s={subject}" if subject else f"n={name_key(name)}" if name else ""
    where = f"a={address_key(address)}" if address else ""
    return "|".join(part for part in (purpose, who, where) if part)


def retry_after(wait: int) -> tuple[str, str]:
    """Build the header Retry-After, in seconds, at least one."""
    return "retry-after", str(max(1, wait))

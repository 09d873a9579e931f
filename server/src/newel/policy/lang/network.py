"""Addresses as numbers of one 128-bit space, in which an IPv4 address is its IPv4-mapped one (RFC 4291 2.5.5.2)."""

import ipaddress
from functools import lru_cache

MAPPED = 0xFFFF << 32
MAPPED_LAST = MAPPED + 2**32 - 1
KEPT = 16_384


def address_number(text: str) -> int:
    """The number of an address. ValueError where it is none; a zone index (`%eth0`) is refused."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return MAPPED | int(address)
    if address.scope_id is not None:
        raise ValueError("an address without its zone")
    return int(address)


def address_text(number: int) -> str:
    """The text of an address: the reverse of `address_number`."""
    if MAPPED <= number <= MAPPED_LAST:
        return str(ipaddress.IPv4Address(number - MAPPED))
    return str(ipaddress.IPv6Address(number))


@lru_cache(KEPT)
def network_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """First and last number of a network's addresses. ValueError where it is none, or has host bits set.

    An IPv6 network never holds an IPv4 address, however it is written: the mapped ones are cut out of it.
    """
    network = ipaddress.ip_network(text)
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4:  # ruff: ignore[magic-value-comparison] - the version of the Internet Protocol
        return ((MAPPED | first, MAPPED | last),)
    if first >= MAPPED and last <= MAPPED_LAST:
        raise ValueError("an IPv4 network is written as one")
    if first <= MAPPED and last >= MAPPED_LAST:
        return tuple(pair for pair in ((first, MAPPED - 1), (MAPPED_LAST + 1, last)) if pair[0] <= pair[1])
    return ((first, last),)


def loose_network(text: str) -> str | None:
    """The network that `text` most likely means, None where it means none."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None

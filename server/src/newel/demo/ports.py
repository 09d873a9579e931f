"""Ports on this machine that nobody listens on."""

import errno
import socket

HIGHEST = 65_535
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))  # a browser may ask `localhost` by either


class NoPort(Exception):
    """There is no free port from the one that was asked for upwards."""


def free_ports(first: int, count: int) -> list[int]:
    """The next `count` free ports from `first` upwards. NoPort where they run out."""
    found: list[int] = []
    for port in range(first, HIGHEST + 1):
        if _free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise NoPort(f"no {count} free ports from {first} upwards")


def _free(port: int) -> bool:
    return all(_can_bind(family, address, port) for family, address in LOOPBACK)


def _can_bind(family: socket.AddressFamily, address: str, port: int) -> bool:
    """Whether a server may listen there; an address that this machine does not have is nobody's."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as fault:
        return fault.errno not in {errno.EADDRINUSE, errno.EACCES}
    return True

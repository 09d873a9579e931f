"""The listening socket."""

import socket
from errno import EACCES, EADDRINUSE
from ipaddress import IPv6Address, ip_address

from newel.cli.refusal import Refusal

BACKLOG = 2048
"""Connections the kernel holds while workers are busy; Linux cuts it to net.core.somaxconn."""


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket at `host`, a literal address or localhost. Refusal where it cannot be had."""
    literal = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if isinstance(ip_address(literal), IPv6Address) else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((literal, port))
    except OSError as error:
        made.close()
        reason = REASONS.get(error.errno or 0, str(error.strerror))
        raise Refusal(f"cannot listen on {host}:{port}: {reason}") from error
    made.listen(BACKLOG)
    made.setblocking(False)
    return made


REASONS = {
    EADDRINUSE: "something listens there already; stop it, or set server.port (and the issuer's port) to a free one",
    EACCES: "ports below 1024 are for root; set server.port to a higher one behind your proxy",
}


def adopt(descriptor: int) -> socket.socket:
    """The listening socket that this process inherited as `descriptor`. Refusal if it is none."""
    try:
        adopted = socket.socket(fileno=descriptor)
        listens = adopted.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise Refusal(f"file descriptor {descriptor} is not a listening socket: {error.strerror}") from error
    if not listens or adopted.family not in {socket.AF_INET, socket.AF_INET6}:
        adopted.detach()
        raise Refusal(f"file descriptor {descriptor} is not a listening TCP socket")
    adopted.setblocking(False)
    return adopted

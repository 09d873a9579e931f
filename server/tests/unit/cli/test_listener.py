"""The listening socket."""

import os
import socket

import pytest

from newel.cli.listener import adopt, bind
from newel.cli.refusal import Refusal


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_socket_listens_on_a_literal_address_or_localhost(host: str) -> None:
    with bind(host, 0) as listener:
        socket.create_connection(listener.getsockname()[:2], timeout=5).close()


def test_a_port_in_use_says_what_to_do() -> None:
    with bind("127.0.0.1", 0) as taken, pytest.raises(Refusal, match=r"server\.port"):
        bind("127.0.0.1", taken.getsockname()[1])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refusal, match=r"cannot listen on 192\.0\.2\.1:0"):
        bind("192.0.2.1", 0)


def test_an_inherited_listening_socket_is_adopted() -> None:
    with bind("127.0.0.1", 0) as listener, adopt(os.dup(listener.fileno())) as adopted:
        assert adopted.getsockname() == listener.getsockname()


def test_other_descriptors_are_refused() -> None:
    reading, writing = os.pipe()
    with pytest.raises(Refusal, match="not a listening socket"):
        adopt(reading)
    with socket.socket() as idle, pytest.raises(Refusal, match="not a listening TCP socket"):
        adopt(idle.fileno())
    os.close(writing)
    os.close(reading)

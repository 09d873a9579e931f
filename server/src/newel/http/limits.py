"""What stands before the application: sizes and times of a request on the wire, kept by the protocol itself (S35).

uvicorn limits neither the size of a header nor their number nor how slowly they come. Invariants kept here:

1. Of one request's head, memory holds at most two limits' worth, however it is cut into packets.
2. A head or a body that is not complete in time ends the connection; a connection that said nothing ends silently.
3. Fields after a chunked body (trailers) never reach the application, which may not have read its headers yet.
4. A refusal is answered here and closes the connection: what follows on it cannot be trusted to be a request.
"""

import asyncio
from http import HTTPStatus
from typing import ClassVar, Literal

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from newel.domain.value import dataclass
from newel.http.cycle import OneWrite

SENTENCES = {
    400: b"That is not an HTTP request.\n",
    408: b"The request came too slowly.\n",
    413: b"The body is too large.\n",
    414: b"The address is too long.\n",
    431: b"The header is too large.\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes as they come over the wire, times in seconds."""

    head: int = 16_384  # request line and headers together
    headers: int = 100
    address: int = 12_288
    body: int = 1_048_576  # chunk framing included; routes ask for less
    head_seconds: float = 10
    body_seconds: float = 20
    linger_seconds: float = 1  # for a refused peer to stop sending and read the answer


class RefusedError(Exception):
    """Raised inside a parser's callback to stop it."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits. `limited` makes a class of it that uvicorn can be given."""

    limits: ClassVar[Limits] = Limits()

    _status = 0  # of the refusal, once there is one
    _ended = False  # refused: what still comes is thrown away
    _in_head = False
    _in_body = False
    _bytes = 0  # of the present head, or of the present body
    _size = 0  # of the present head, as parsed
    _timer: asyncio.TimerHandle | None = None
    _timed = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Start the time for the first head."""
        super().connection_made(transport)
        self._watch("head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time."""
        self._watch("")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser in slices, so that no head is read far beyond its limit."""
        if self._ended:
            return
        self._unset_keepalive_if_required()
        step = self.limits.head
        for start in range(0, len(data), step):
            if not self._feed(data[start : start + step] if len(data) > step else data):
                return
        self._watch("head" if self._in_head else "body" if self._in_body else "")

    def _feed(self, data: bytes) -> bool:
        """Feed one slice; tell whether the connection goes on."""
        new_head = not self._in_body  # else a head that begins in this slice is counted from the next one on
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Nothing is spoken here but HTTP/1.1: the request is answered as it stands, then the connection ends.
            self.cycle.keep_alive = False
        except httptools.HttpParserError:
            return self._refuse(self._status or HTTPStatus.BAD_REQUEST)
        if self._in_head and new_head:
            self._bytes += len(data)
            if self._bytes > self.limits.head:
                return self._refuse(431 if self.headers else 414)
        elif self._in_body:
            self._bytes += len(data)
            if self._bytes > self.limits.body + self.limits.head:
                return self._refuse(413)
        return True

    def on_message_begin(self) -> None:
        """Count anew."""
        super().on_message_begin()
        self._in_head, self._in_body = True, False
        self._bytes = self._size = 0

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        super().on_url(url)
        self._size += len(url)
        if self._size > self.limits.address:
            self._stop(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; refuse a trailer."""
        if not self._in_head:
            self._stop(400)
        lower = name.lower()
        if lower == b"expect":
            super().on_header(name, value)
        else:
            self.headers.append((lower, value))
        self._size += len(name) + len(value) + 4
        if self._size > self.limits.head or len(self.headers) > self.limits.headers:
            self._stop(431)

    def on_headers_complete(self) -> None:
        """Hand the request to the application."""
        self._in_head, self._in_body = False, True
        self._bytes = 0
        super().on_headers_complete()
        # uvicorn makes it itself, of a class that it takes from nobody
        self.cycle.__class__ = OneWrite

    def on_message_complete(self) -> None:
        """End the request's time."""
        self._in_body = False
        super().on_message_complete()

    def send_400_response(self, _msg: str) -> None:
        """Answer what uvicorn itself finds broken."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _stop(self, status: int) -> None:
        self._status = status
        raise RefusedError

    def _watch(self, what: str) -> None:
        """Keep one timer: for the head, for the body, or for nothing."""
        if what == self._timed:
            return
        self._timed = what
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if what:
            seconds = self.limits.head_seconds if what == "head" else self.limits.body_seconds
            self._timer = self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        if self._in_head or self._in_body:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> Literal[False]:
        """Answer, unless another answer is under way on this connection, and close.

        What the peer is still sending is read for a moment: closing at once would reset the connection, and the peer
        would lose the answer.
        """
        self._ended = True
        self._watch("")
        if self.transport.is_closing():
            return False
        if self._may_answer():
            sentence = SENTENCES[status]
            head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head % len(sentence) + sentence)
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.flow.resume_reading()
        self.transport.write_eof()
        self._timer = self.loop.call_later(self.limits.linger_seconds, self.transport.close)
        return False

    def _may_answer(self) -> bool:
        if self.cycle is None or self.cycle.response_complete:
            return True
        return self._in_body and not self.cycle.response_started


def limited(limits: Limits) -> type[LimitedProtocol]:
    """Give a protocol class with these limits: `uvicorn.Config(http=limited(Limits()), ws="none")`."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits})

"""A stand-in for a worker: answers each connection with its process id, ends on SIGTERM or with its life line.

The first argument says how it behaves: `good`, `broken` (ends with 7 before it answers), `stubborn` (ignores SIGTERM).
"""

import os
import selectors
import signal
import socket
import sys

kind, listening, line = sys.argv[1::2]
if kind == "broken":
    sys.exit(7)
signal.signal(signal.SIGTERM, signal.SIG_IGN if kind == "stubborn" else lambda *_: sys.exit(0))
listener = socket.socket(fileno=int(listening))
lifeline = socket.socket(fileno=int(line))
lifeline.send(b"r")
waiting = selectors.DefaultSelector()
waiting.register(listener, selectors.EVENT_READ)
waiting.register(lifeline, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select():
        if key.fileobj is lifeline:
            sys.exit(0)
        try:
            accepted, _ = listener.accept()
        except BlockingIOError:
            continue
        with accepted:
            accepted.sendall(f"{os.getpid()}\n".encode())

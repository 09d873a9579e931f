"""From `newel serve` to the first answer, cold; the best of five, since neighbours only ever slow it.

The modules' bytecode is there, as after an installation: it is written once, beside what is measured.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from line import Figure, show

NEWEL = [sys.executable, "-m", "newel"]


def environment(folder: Path) -> dict[str, str]:
    """This one, with bytecode kept in a folder of the benchmark's own."""
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**told, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def once(folder: Path) -> float:
    """Seconds until /healthz was answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        told = {**environment(folder), "NEWEL_SERVER__ISSUER": f"http://localhost:{port}"}
        command = [*NEWEL, "serve", "--fd", str(listener.fileno()), "--config", str(folder / "newel.toml")]
        began = time.perf_counter()
        with subprocess.Popen(command, env=told, pass_fds=(listener.fileno(),), stdout=subprocess.DEVNULL) as process:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
                answer.read()
            took = time.perf_counter() - began
            process.terminate()
    return took


def main() -> None:
    """Print the figure; the floor is an interpreter that starts and ends."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "server"
        subprocess.run([*NEWEL, "init", "--dir", str(folder)], check=True, stdout=subprocess.DEVNULL)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", ""], check=True)
        floor = round(time.perf_counter() - began, 3)
        best = min(once(folder) for _ in range(5))
    show([Figure(figure="cold start to the first answer", value=round(best, 3), unit="s", budget=0.7, floor=floor)])


if __name__ == "__main__":
    main()

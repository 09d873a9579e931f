"""Complete step-ups against a server of its own: open loop at 386 a second on two workers, closed loop on one, and with
pushed requests.
"""

import json
import subprocess
import sys
from typing import Any

from line import Figure, show

SECONDS = "10"


def measured(*arguments: str) -> dict[str, Any]:
    """What `newel bench flow` found."""
    command = [sys.executable, "-m", "newel", "bench", "flow", "--seconds", SECONDS, "--json", *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print the figures; the floor of the server's cost is what the generator costs in the same run."""
    opened, closed, pushed = (
        measured("--rate", "386", "--workers", "2"),
        measured("--concurrency", "32"),
        measured("--rate", "150", "--par"),
    )
    show(
        [
            Figure(figure="open loop at 386/s: flows", value=opened["flows_per_s"], unit="1/s", budget=386),
            Figure(figure="open loop at 386/s: flows that failed", value=opened["failures"], unit="", budget=0),
            Figure(
                figure="open loop at 386/s: p99",
                value=opened["p99_ms"],
                unit="ms",
                budget=50,
                floor=opened["sync_p99_ms"],
            ),
            Figure(
                figure="open loop at 386/s: server CPU a flow",
                value=opened["server_cpu_ms_per_flow"],
                unit="ms",
                budget=2.5,
                floor=opened["generator_cpu_ms_per_flow"],
            ),
            Figure(figure="closed loop of 32, one worker: flows", value=closed["flows_per_s"], unit="1/s"),
            Figure(
                figure="closed loop of 32, one worker: server CPU a flow",
                value=closed["server_cpu_ms_per_flow"],
                unit="ms",
                budget=2.5,
                floor=closed["generator_cpu_ms_per_flow"],
            ),
            Figure(figure="with PAR at 150/s: server CPU a flow", value=pushed["server_cpu_ms_per_flow"], unit="ms"),
            Figure(
                figure=f"resident memory of a worker after {closed['flows']} flows",
                value=closed["server_rss_mb"],
                unit="MB",
                budget=100,
            ),
        ]
    )


if __name__ == "__main__":
    main()

"""Every benchmark, one after the other (`make bench`)."""

import subprocess
import sys
from pathlib import Path

PARTS = ("start.py", "guard.py", "policy.py", "diff.py", "replay.py", "storage.py", "pdp.py", "flow.py")


def main() -> int:
    """Run each as its own process; 1 if one of them failed."""
    here = Path(__file__).parent
    codes = [subprocess.run([sys.executable, here / part, *sys.argv[1:]], check=False).returncode for part in PARTS]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())

"""The `newel` command on a disk that dies: `NEWEL_FAULTS=MODE:EVENT python tests/faults/launch.py serve …`.

Only this launcher reads the variable; the product knows nothing of it.
"""

import os
import sys

from disk import install

from newel.cli import main

if __name__ == "__main__":
    chosen, _, event = os.environ.get("NEWEL_FAULTS", "kill:0").partition(":")
    installed = install(chosen, int(event))
    sys.exit(main())

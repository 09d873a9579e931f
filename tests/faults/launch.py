"""The `newel` command on a disk that dies: `NEWEL_FAULTS=MODE:EVENT python -m tests.faults.launch serve …`.

Only this launcher reads the variable; the product knows nothing of it.
"""

import os
import sys
from typing import cast

from newel.cli import main
from tests.faults.disk import Mode, install

if __name__ == "__main__":
    chosen, _, event = os.environ.get("NEWEL_FAULTS", "kill:0").partition(":")
    installed = install(cast("Mode", chosen), int(event))
    sys.exit(main())

"""`python -m newel` is `newel`."""

import sys

from newel.cli import main

sys.exit(main())

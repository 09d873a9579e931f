"""What the tests of factors share: the software authenticator of the whole system's tests, and `moment` beside this."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[3] / "tests")]

collect_ignore = [] if os.environ.get("NEWEL_VECTORS") else ["test_webauthn_l3.py"]

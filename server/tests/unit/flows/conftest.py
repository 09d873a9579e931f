"""What several files of this folder say stands in parcels.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

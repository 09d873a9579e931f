"""The wall clock, named once: every shell object takes another as an argument."""

import time


def unix_time() -> int:
    """Return seconds since the epoch, whole."""
    return int(time.time())

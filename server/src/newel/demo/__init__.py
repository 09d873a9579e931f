"""`newel demo`: a seeded server and the applications of `demos/`, as children of one process."""

from newel.demo.command import configure, run

__all__ = ["configure", "run"]

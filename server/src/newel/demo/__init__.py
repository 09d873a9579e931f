"""`newel demo`: a seeded server and the applications of `demos/`, as children of one process."""

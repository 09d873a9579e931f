-- A snapshot is written once; which one is in force is the last activation.

CREATE TABLE snapshots (
    version TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE activations (
    number INTEGER NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

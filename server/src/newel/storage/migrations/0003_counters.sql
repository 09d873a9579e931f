-- What is counted over sliding windows. Keys and values are hashes: nothing here tells who was counted.

CREATE TABLE reservations (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    released_at INTEGER,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

-- Totals of a tally in buckets of several spans; the id is tally, level and first second, and sorts in this order.
CREATE TABLE totals (
    id TEXT NOT NULL PRIMARY KEY,
    amount INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- Where different values are counted: how often each occurred in each second. The id is tally, value and second.
CREATE TABLE counted_values (
    id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- The resources that clients registered, so that searches can range over them.
CREATE TABLE registrations (
    client_id TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (client_id, type, id)
) WITHOUT ROWID, STRICT;

-- Hot tables are B-trees over time-ordered keys and carry no second index.

CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE subjects (
    id TEXT NOT NULL PRIMARY KEY,
    canonical TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE sign_ups (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    subject TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at INTEGER
) WITHOUT ROWID, STRICT;

-- The unique credential id is written at enrolment only; counters move beside it.
CREATE TABLE authenticators (
    subject TEXT NOT NULL,
    id TEXT NOT NULL,
    credential_id BLOB UNIQUE,
    method TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    material BLOB NOT NULL,
    counter INTEGER NOT NULL,
    ceiling TEXT,
    last_used_at INTEGER NOT NULL,
    user_verifying INTEGER NOT NULL,
    device_bound INTEGER NOT NULL,
    attested INTEGER NOT NULL,
    PRIMARY KEY (subject, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE recovery_codes (
    authenticator TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    spent_at INTEGER,
    PRIMARY KEY (authenticator, code_hash)
) WITHOUT ROWID, STRICT;

CREATE TABLE failures (
    authenticator TEXT NOT NULL,
    origin TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (authenticator, origin)
) WITHOUT ROWID, STRICT;

CREATE TABLE sessions (
    lineage TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    secret_hash BLOB NOT NULL,
    evidence BLOB NOT NULL,
    previous_hash BLOB,
    previous_evidence BLOB,
    previous_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID, STRICT;

-- Written at sign-in only: a rotation changes no column of it.
CREATE INDEX sessions_by_subject ON sessions (subject);

CREATE TABLE interactions (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE codes (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    client_id TEXT NOT NULL,
    family TEXT NOT NULL,
    session TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE families (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    session TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    refresh_hash BLOB,
    previous_hash BLOB,
    rotated_at INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE revocations (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX revocations_by_time ON revocations (at);

CREATE TABLE pushed (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE spent (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE buckets (
    id TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    alg TEXT NOT NULL,
    sealed_private BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    retire_at INTEGER
) WITHOUT ROWID, STRICT;

CREATE TABLE epoch (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

INSERT INTO epoch (name, value) VALUES ('keys', 0), ('policy', 0), ('clients', 0), ('revocations', 0);

CREATE TABLE writers (
    id INTEGER NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    writer INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    commitment BLOB NOT NULL,
    personal BLOB,
    mac BLOB NOT NULL,
    PRIMARY KEY (writer, seq)
) WITHOUT ROWID, STRICT;

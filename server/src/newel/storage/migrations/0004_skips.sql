-- How often a person put off what a rule demands. It is never swept: a policy may prolong its date, and the count stands.

CREATE TABLE skips (
    subject TEXT NOT NULL,
    rule TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (subject, rule)
) WITHOUT ROWID, STRICT;

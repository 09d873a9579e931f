-- Nothing was ever counted here: attempts are counted in buckets, by the name they name and by where they come from.

DROP TABLE failures;

"""The verbs: pure functions that return statements and queries, a file per aggregate.

The SQL is what SQLite 3.35 and PostgreSQL 14 both understand: `:name` parameters, ON CONFLICT, RETURNING. Every guard
ends in RETURNING. Times are Unix seconds; booleans are 0 and 1; domain values stand in `body` columns (see `codec`).
"""

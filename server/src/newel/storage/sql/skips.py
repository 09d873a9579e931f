"""Skips: how often a person put off what a rule demands at sign-in."""

from newel.storage.base import Params, Query, Statement, first


def skip(subject: str, rule: str, most: int, now: int) -> Statement:
    """Count one skip of a rule. Guard: fewer than `most` (at least 1) were counted. The value is its number from 1."""
    sql = """INSERT INTO skips (subject, rule, count, last_at) VALUES (:subject, :rule, 1, :now)
        ON CONFLICT (subject, rule) DO UPDATE SET count = skips.count + 1, last_at = :now
        WHERE skips.count < :most RETURNING count"""
    params: Params = {"subject": subject, "rule": rule, "most": most, "now": now}
    return Statement(sql, params, guard=True, decode=first)


def skips_of(subject: str) -> Query[tuple[str, int]]:
    """Each rule that a person skipped, and how often."""
    return Query("SELECT rule, count FROM skips WHERE subject = :subject ORDER BY rule", {"subject": subject}, tuple)

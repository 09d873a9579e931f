"""What is spent once by its name, and what is counted in buckets."""

from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement


def spend(kind: str, name: str, expires_at: int) -> Statement:
    """Spend a name of a kind (a client assertion's jti, a sealed request) until `expires_at`. Guard: it was unspent."""
    sql = "INSERT INTO spent (id, expires_at) VALUES (:id, :expires_at) ON CONFLICT DO NOTHING RETURNING id"
    return Statement(sql, {"id": f"{kind}:{name}", "expires_at": expires_at}, guard=True)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many were taken in the window that ends at `resets_at`, one beyond the limit at most."""

    count: int
    resets_at: int


def _decode(row: Row) -> Bucket:
    return Bucket(*row)


def take(bucket: str, limit: int, window: int, now: int) -> Statement:
    """Take one of `limit` in `window` seconds, before what it allows is tried. The value is the Bucket.

    It is refused if the bucket's count is beyond `limit`. Being refused costs nothing further: the window does not move.
    """
    sql = """INSERT INTO buckets (id, count, expires_at) VALUES (:id, 1, :ends)
        ON CONFLICT (id) DO UPDATE SET
        count = CASE WHEN buckets.expires_at <= :now THEN 1
            WHEN buckets.count > :limit THEN buckets.count ELSE buckets.count + 1 END,
        expires_at = CASE WHEN buckets.expires_at <= :now THEN :ends ELSE buckets.expires_at END
        RETURNING count, expires_at"""
    params: Params = {"id": bucket, "limit": limit, "now": now, "ends": now + window}
    return Statement(sql, params, decode=_decode)


def bucket(name: str) -> Query[Bucket]:
    """A bucket as it stands."""
    return Query("SELECT count, expires_at FROM buckets WHERE id = :id", {"id": name}, _decode)

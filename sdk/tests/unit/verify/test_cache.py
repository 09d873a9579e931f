"""Remembered tokens."""

from newel_sdk.claims import read_claims
from newel_sdk.verify import TokenCache

CLAIMS = read_claims(b'{"iss":"i","sub":"s","aud":"a","iat":1,"exp":2}')


def test_the_cache_is_bounded_and_drops_what_was_unused_longest() -> None:
    cache = TokenCache(2)
    cache.put("a", CLAIMS, 0)
    cache.put("b", CLAIMS, 0)
    assert cache.get("a", 0) is CLAIMS
    cache.put("c", CLAIMS, 0)
    assert len(cache) == 2
    assert cache.get("b", 0) is None
    assert cache.get("a", 0) is CLAIMS


def test_new_keys_empty_it_and_what_old_keys_verified_is_not_put_back() -> None:
    cache = TokenCache()
    cache.put("a", CLAIMS, 0)
    assert cache.get("a", 1) is None
    cache.put("a", CLAIMS, 0)
    assert len(cache) == 0


def test_a_size_of_none_remembers_nothing_and_a_dropped_token_is_gone() -> None:
    cache = TokenCache(0)
    cache.put("a", CLAIMS, 0)
    assert len(cache) == 0
    cache = TokenCache(1)
    cache.put("a", CLAIMS, 0)
    cache.drop("a")
    cache.drop("a")
    assert cache.get("a", 0) is None

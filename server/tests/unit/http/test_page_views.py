"""Page views of one address in a window (S11, S15)."""

import pytest

from newel.http import page_views
from newel.http.page_views import PageViews


def test_views_beyond_the_limit_wait_for_the_end_of_the_window() -> None:
    views = PageViews(limit=2, window=60)
    assert [views.wait("192.0.2.1", 1000), views.wait("192.0.2.1", 1010)] == [None, None]
    assert views.wait("192.0.2.1", 1020) == 40
    assert views.wait("192.0.2.1", 1060) is None


def test_s11_addresses_of_one_ipv6_network_share_a_count_and_others_do_not() -> None:
    views = PageViews(limit=1, window=60)
    assert views.wait("2001:db8::1", 0) is None
    assert views.wait("2001:db8::ffff", 0) == 60
    assert views.wait("2001:db8:0:1::1", 0) is None
    assert views.wait("::ffff:192.0.2.1", 0) is None
    assert views.wait("192.0.2.1", 0) == 60


def test_s15_a_full_memory_forgets_the_oldest_and_lets_pages_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_views, "MOST_ADDRESSES", 2)
    views = PageViews(limit=1, window=60)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert views.wait(address, 0) is None
    assert views.wait("192.0.2.1", 1) is None
    assert views.wait("192.0.2.3", 1) == 59

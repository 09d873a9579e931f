"""Counters and durations."""

import pytest

from newel.observe.metrics import MOST, OVERFLOW, Metrics

SAYS = {"newel_requests_total": "Requests answered.", "newel_request_seconds": "Time to answer."}


def test_counters_add_up_by_label() -> None:
    metrics = Metrics(SAYS)
    metrics.count("newel_requests_total", endpoint="token")
    metrics.count("newel_requests_total", by=2, endpoint="token")
    metrics.count("newel_requests_total", endpoint='odd"\\\n')
    assert metrics.exposition() == (
        "# HELP newel_requests_total Requests answered.\n"
        "# TYPE newel_requests_total counter\n"
        'newel_requests_total{endpoint="odd\\"\\\\\\n"} 1\n'
        'newel_requests_total{endpoint="token"} 3\n'
    )


def test_durations_fall_into_cumulative_buckets() -> None:
    metrics = Metrics(SAYS)
    metrics.took("newel_request_seconds", 0.004)
    metrics.took("newel_request_seconds", 7.0)
    text = metrics.exposition()
    assert 'newel_request_seconds_bucket{le="0.0025"} 0\n' in text
    assert 'newel_request_seconds_bucket{le="0.005"} 1\n' in text
    assert 'newel_request_seconds_bucket{le="5.0"} 1\n' in text
    assert 'newel_request_seconds_bucket{le="+Inf"} 2\n' in text
    assert "newel_request_seconds_sum 7.004000\n" in text
    assert "newel_request_seconds_count 2\n" in text


def test_an_undeclared_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        Metrics(SAYS).count("newel_typo_total")
    with pytest.raises(KeyError):
        Metrics(SAYS).took("newel_typo_seconds", 1.0)


def test_endless_label_values_cost_no_memory() -> None:
    metrics = Metrics(SAYS)
    for number in range(MOST + 50):
        metrics.count("newel_requests_total", endpoint=str(number))
    assert len(metrics.counts) == MOST + 1
    assert metrics.counts["newel_requests_total", OVERFLOW] == 50

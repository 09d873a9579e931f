"""Origin and Sec-Fetch-Site (S16)."""

import pytest

from newel_sdk.errors import ResumeRefused
from newel_sdk.resume import same_origin

OWN = "http://localhost:8401"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": OWN},
        {"origin": OWN, "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_the_application_s_own_page_passes(headers: dict[str, str]) -> None:
    assert same_origin(headers, OWN).origin == OWN


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://localhost:9000"},
        {"origin": "http://127.0.0.1:8401"},
        {"origin": OWN + "/"},
        {"origin": "http://localhost:9000", "sec-fetch-site": "same-origin"},
        {"origin": OWN, "sec-fetch-site": "same-site"},
        {"origin": OWN, "sec-fetch-site": "cross-site"},
        {"origin": OWN, "sec-fetch-site": "none"},
    ],
)
def test_another_origin_port_or_site_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ResumeRefused):
        same_origin(headers, OWN)

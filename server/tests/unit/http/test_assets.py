"""Our own stylesheet, script and drawings: small, ours alone, and safe in colour."""

import gzip
import re

import pytest

from newel.http.assets import load_assets, static
from newel.http.errors import RequestError
from newel.http.request import Request

ASSETS = load_assets()
CSS = ASSETS.by_name["newel.css"].body.decode()

PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS))
LIGHT_DARK = {name: tuple(pair.split(", ")) for name, pair in PAIRS.items()}
TEXT = """ink/bg ink/paper ink/petrol-tint ink/warn-tint ink/good-tint ink/bad-tint ink-2/bg ink-2/paper ink-2/petrol-tint
    petrol/bg petrol/paper petrol/petrol-tint petrol/warn-tint on-petrol/petrol on-petrol/petrol-deep
    good/paper good/good-tint good/bg warn/paper warn/warn-tint bad/paper bad/bad-tint bad/bg brass/paper brass/bg"""
SHAPES = "edge/paper edge/bg post/paper post/bg data/paper focus/paper focus/bg petrol/bg warn/warn-tint good/good-tint"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_wcag_1_4_3_and_1_4_11_every_pair_of_colours_has_its_contrast(pairs: str, least: float, scheme: int) -> None:
    low = {
        pair: round(ratio, 2)
        for pair in pairs.split()
        if (ratio := contrast(*(LIGHT_DARK[name][scheme] for name in pair.split("/")))) < least
    }
    assert low == {}


def test_the_light_colours_of_light_dark_are_the_fallback() -> None:
    before = CSS[: CSS.index("@supports")]
    fallback = dict(re.findall(r"--([\w-]+): (#\w{6});", before))
    assert {name: pair[0] for name, pair in LIGHT_DARK.items()} == fallback


def test_sizes_stay_within_their_limits() -> None:
    sizes = {name: len(asset.body) for name, asset in ASSETS.by_name.items()}
    assert set(sizes) == {"newel.css", "newel.js", "mark.svg", "stairs.svg"}
    assert sizes["newel.css"] <= 24_000
    assert sizes["newel.js"] <= 6_000


def test_nothing_is_fetched_from_elsewhere() -> None:
    for asset in ASSETS.by_name.values():
        text = asset.body.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]|@import", re.sub(r"(?m)//.*$", "", text))


def test_a_drawing_named_by_the_stylesheet_exists() -> None:
    assert set(re.findall(r"url\(([^)]+)\)", CSS)) <= ASSETS.by_name.keys()


def get(name: str, version: str = ASSETS.hash, encoding: str = "") -> Request:
    return Request(
        method="GET", path="/", path_params={"hash": version, "name": name}, headers={"accept-encoding": encoding}
    )


async def test_a_file_is_kept_for_a_year_under_the_hash_of_its_content() -> None:
    response = await static(ASSETS, get("newel.css"))
    headers = dict(response.headers)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert ASSETS.url("newel.css") == f"/static/{ASSETS.hash}/newel.css"


async def test_an_older_address_gives_the_present_file_but_is_not_kept() -> None:
    response = await static(ASSETS, get("newel.js", "0" * 16))
    assert dict(response.headers)["cache-control"] == "no-cache"
    assert response.body == ASSETS.by_name["newel.js"].body


async def test_a_browser_that_unpacks_is_sent_the_packed_file() -> None:
    response = await static(ASSETS, get("newel.js", encoding="br, gzip"))
    assert dict(response.headers)["content-encoding"] == "gzip"
    assert gzip.decompress(response.body) == ASSETS.by_name["newel.js"].body


@pytest.mark.parametrize("name", ["", "..", "../pages.py", "newel.css.map"])
async def test_no_other_file_is_given(name: str) -> None:
    with pytest.raises(RequestError) as refused:
        await static(ASSETS, get(name))
    assert refused.value.status == 404

"""Which language a page speaks: the application's wish, then the person's own choice, then the browser's, then English."""

from functools import lru_cache

from newel.i18n.catalogue import LOCALES, SOURCE

COOKIE = "__Host-newel-lang"
MAX_RANGES = 20


@lru_cache(maxsize=256)
def choose_locale(*, ui_locales: str = "", cookie: str = "", accept_language: str = "") -> str:
    """Choose one of our languages from `ui_locales` (OpenID Connect Core §3.1.2.1), the cookie, and Accept-Language."""
    wished = (_known(tag) for tag in ui_locales.split(" ")[:MAX_RANGES])
    browser = (_known(tag) for tag in _by_weight(accept_language))
    return next((found for found in (*wished, _known(cookie), *browser) if found), SOURCE)


def _known(tag: str) -> str | None:
    language = tag.strip().lower().partition("-")[0]
    return language if language in LOCALES else None


def _by_weight(accept_language: str) -> tuple[str, ...]:
    """Sort the ranges of an Accept-Language header by weight (RFC 9110 §12.5.4); what has none in reach is left out."""
    ranges: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:MAX_RANGES]:
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter)
        if weight > 0:
            ranges.append((weight, tag))
    return tuple(tag for _, tag in sorted(ranges, key=lambda entry: -entry[0]))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0

"""Our own stylesheet, script and drawings, read once, under an address that names their content."""

import gzip
import hashlib
from collections.abc import Mapping
from importlib.resources import files

from newel.domain.value import dataclass
from newel.http.errors import RequestError
from newel.http.request import Request
from newel.http.responses import Header, Response

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its media type, its bytes, and the same compressed."""

    media_type: str
    body: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All files and the hash of them all: files name each other, so they change address together."""

    hash: str
    by_name: Mapping[str, Asset]

    def url(self, name: str) -> str:
        """Give the address of a file; KeyError for an unknown one."""
        self.by_name[name]
        return f"/static/{self.hash}/{name}"


def load_assets() -> Assets:
    """Read the files of this package."""
    found = sorted(files("newel.http").joinpath("static").iterdir(), key=lambda entry: entry.name)
    digest = hashlib.sha256()
    by_name: dict[str, Asset] = {}
    for entry in found:
        body = entry.read_bytes()
        digest.update(b"%s %d " % (entry.name.encode(), len(body)) + body)
        by_name[entry.name] = Asset(TYPES[entry.name[entry.name.rindex(".") :]], body, gzip.compress(body, mtime=0))
    return Assets(digest.hexdigest()[:16], by_name)


async def static(assets: Assets, request: Request) -> Response:  # ruff: ignore[unused-async] - an endpoint is awaited
    """Answer one file: for a year under its present hash; under an older one the present file, to be asked for again."""
    asset = assets.by_name.get(request.path_params["name"])
    if asset is None:
        raise RequestError(404, "there is no such file")
    current = request.path_params["hash"] == assets.hash
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers: tuple[Header, ...] = (
        ("content-type", asset.media_type),
        ("cache-control", f"public, max-age={YEAR}, immutable" if current else "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "accept-encoding"),
    )
    if packed:
        return Response(200, (*headers, ("content-encoding", "gzip")), asset.packed)
    return Response(200, headers, asset.body)

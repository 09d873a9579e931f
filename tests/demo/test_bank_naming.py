"""A customer is called what the authorization server says of this very subject, or nothing in particular."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from bank.naming import NAMELESS, Naming

from newel_sdk.client import Tokens
from newel_sdk.errors import FetchFailed
from newel_sdk.fetch.base import Response

ISSUER = "https://issuer.example"
TOKENS = Tokens(
    access_token="a", refresh_token=None, id_token="i", subject="s1", lineage="l", evidence="", expires_at=0
)


def told(userinfo: Any, *, status: int = 200, endpoint: Any = f"{ISSUER}/userinfo") -> Naming:
    async def fetch(  # ruff: ignore[unused-async] - the shape of Fetch
        method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        assert (method, body) == ("GET", None)
        if url.endswith("/openid-configuration"):
            return Response(status=200, headers={}, body=json.dumps({"userinfo_endpoint": endpoint}).encode())
        assert headers is not None
        assert headers["Authorization"] == "Bearer a"
        if userinfo is None:
            raise FetchFailed("no answer")
        return Response(status=status, headers={}, body=json.dumps(userinfo).encode())

    return Naming(fetch, ISSUER)


async def test_the_name_is_taken_and_else_the_user_name() -> None:
    assert await told({"sub": "s1", "name": "Alex Doe", "preferred_username": "alex"})(TOKENS) == "Alex Doe"
    assert await told({"sub": "s1", "preferred_username": "alex"})(TOKENS) == "alex"


@pytest.mark.parametrize(
    "naming",
    [
        told({"sub": "s2", "name": "Mallory"}),
        told({"sub": "s1", "name": ["Alex"]}),
        told({"error": "invalid_token"}, status=401),
        told([]),
        told(None),
        told({"sub": "s1", "name": "Alex"}, endpoint=None),
    ],
)
async def test_anything_else_is_no_name(naming: Naming) -> None:
    assert await naming(replace(TOKENS, expires_at=1)) == NAMELESS

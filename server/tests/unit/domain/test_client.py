"""Clients: which of them have no credential of their own (RFC 6749 section 2.1)."""

import pytest

from newel.domain.client import Authentication, Client


@pytest.mark.parametrize(("authentication", "public"), [(each, each == "none") for each in Authentication])
def test_a_client_without_a_credential_is_public(authentication: Authentication, public: bool) -> None:
    client = Client(id="c", name="C", authentication=authentication, redirect_uris=(), created_at=0)
    assert client.public == public

"""Stored tokens and pending requests."""

import pytest

from newel_sdk.client import PendingAuthorization, Tokens
from newel_sdk.client.tokens import unverified_evidence
from newel_sdk.errors import AuthorizationFailed
from newel_sdk.testing import Issuer


def test_tokens_come_back_and_do_not_show_their_secrets() -> None:
    tokens = Tokens(
        access_token="secret",
        refresh_token=None,
        id_token="secret",
        subject="s",
        lineage="l",
        evidence="e",
        expires_at=1,
    )
    assert Tokens.from_text(tokens.to_text()) == tokens
    assert "secret" not in repr(tokens)


def test_a_pending_request_comes_back_and_another_text_is_refused() -> None:
    pending = PendingAuthorization(state="s", nonce="n", verifier="secret", issued_at=1, then="/x")
    assert PendingAuthorization.from_text(pending.to_text()) == pending
    assert "secret" not in repr(pending)
    for text in ("", "[]", "{}", '{"state":"s","x":1}'):
        with pytest.raises(AuthorizationFailed):
            PendingAuthorization.from_text(text)


def test_evidence_names_what_was_proven_and_the_first_readable_token_speaks() -> None:
    issuer = Issuer(clock=lambda: 1000)
    fields = {"a": 1}
    base = unverified_evidence(issuer.token())
    assert base == unverified_evidence(issuer.token(life=99)) != ""
    others = [issuer.token(acr="aal2"), issuer.token(auth_time=999), issuer.token(action=("a:b", fields))]
    assert len({base, *map(unverified_evidence, others)}) == 4
    assert unverified_evidence("opaque", "a.!.b", issuer.token()) == base
    assert unverified_evidence("opaque", "a.e30.b") == ""
    assert unverified_evidence(issuer.token(authorization_details=[1, {"type": "x"}])) == base

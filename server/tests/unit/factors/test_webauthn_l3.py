"""The ceremonies of WebAuthn Level 3, section "Test Vectors", read from the folder in NEWEL_VECTORS.

Their licence does not allow a copy here; without the variable this file is not collected.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.factors.moment import moment

from newel.crypto.base64url import encode
from newel.domain.interaction import Challenge
from newel.factors import base
from newel.factors.base import Account, Confirmed, Context, Reason, Rejected, Verified
from newel.factors.webauthn import WebAuthn, credential

VECTORS = json.loads(
    (Path(os.environ["NEWEL_VECTORS"]) / "webauthn" / "webauthn-l3-vectors.json").read_text(encoding="utf-8")
)
REFUSED: dict[str, Reason] = {
    "none-es256-crossOrigin": "wrong_origin",
    "none-es256-topOrigin": "wrong_origin",
    "packed-es384": "unsupported",
    "packed-es512": "unsupported",
    "packed-ed448": "unsupported",
}
"""Ceremonies that are sound and still refused: inside another site's frame, or of an algorithm that is not offered."""
SUBJECT = Account(id="subject", name="", display="")
FACTOR = WebAuthn("security_key")
TOLD: Context = moment(rp_id=VECTORS["rp_id"], origin=VECTORS["origin"])


def hexed(members: dict[str, str], *names: str) -> dict[str, str]:
    return {name: encode(bytes.fromhex(members[name])) for name in names}


def response(credential_id: str, members: dict[str, str]) -> str:
    shown = encode(bytes.fromhex(credential_id))
    return json.dumps({"id": shown, "rawId": shown, "type": "public-key", "response": members})


def registered(vector: dict[str, Any]) -> Confirmed | Rejected:
    given = vector["registration"]
    draft = base.begin(TOLD, SUBJECT, FACTOR.method, bytes.fromhex(given["challenge"]), {}).draft
    sent = response(given["credential_id"], hexed(given, "clientDataJSON", "attestationObject"))
    return FACTOR.confirm(TOLD, SUBJECT, draft, sent, authenticator_id="w1", name="")


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=[each["id"] for each in VECTORS["vectors"]])
def test_a_ceremony_of_level_3_is_accepted_from_registration_to_assertion(vector: dict[str, Any]) -> None:
    confirmed = registered(vector)
    if vector["id"] in REFUSED:
        assert confirmed == Rejected(REFUSED[vector["id"]])
        return
    assert isinstance(confirmed, Confirmed), confirmed
    stored = confirmed.authenticator
    assert not stored.attested
    held = credential(stored)
    assert held is not None
    assert held.aaguid.hex() == vector["registration"]["aaguid"]
    given = vector["authentication"]
    factor = WebAuthn(stored.method)  # type: ignore[arg-type] # a method of this factor
    challenge = Challenge(
        id="c",
        method=stored.method,
        authenticators=(stored.id,),
        made_at=TOLD.now,
        secret=bytes.fromhex(given["challenge"]),
    )
    sent = response(
        vector["registration"]["credential_id"], hexed(given, "clientDataJSON", "authenticatorData", "signature")
    )
    result = factor.verify(TOLD, challenge, (stored,), sent)
    flags = bytes.fromhex(given["authenticatorData"])[32]
    if stored.user_verifying and not flags & 0x04:
        assert result == Rejected("not_verified")
    else:
        assert isinstance(result, Verified), result
        assert result.evidence.user_verified == (stored.user_verifying and bool(flags & 0x04))

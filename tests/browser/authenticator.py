"""The browser's virtual authenticator, by the Chrome DevTools Protocol's WebAuthn domain."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import CDPSession, Page

from tests.simulators.webauthn_device import Device


@dataclass
class Authenticator:
    """One virtual authenticator of one page."""

    session: CDPSession
    id: str

    def tell(self, command: str, **params: Any) -> dict[str, Any]:
        """Send a command about this authenticator."""
        return dict(self.session.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **params}))

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it holds."""
        return list(self.tell("getCredentials")["credentials"])

    def hold(self, device: Device) -> None:
        """Hold the credentials of a simulated device."""
        for each in device.credentials:
            key = each.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            credential: dict[str, Any] = {
                "credentialId": b64encode(each.id).decode(),
                "isResidentCredential": device.discoverable,
                "rpId": each.rp_id,
                "privateKey": b64encode(key).decode(),
                "signCount": each.count,
            }
            if device.discoverable:
                credential["userHandle"] = b64encode(each.user_handle).decode()
            self.tell("addCredential", credential=credential)

    def cannot_verify(self) -> None:
        """Fail to recognise its owner, as a finger on the wrong sensor: the browser reports NotAllowedError."""
        self.tell("setUserVerified", isUserVerified=False)

    def unplug(self) -> None:
        """Go away."""
        self.tell("removeVirtualAuthenticator")


def plug_in(page: Page, device: Device | None = None, **options: Any) -> Authenticator:
    """A platform authenticator that verifies its owner and answers at once, unless said otherwise."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    settings = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **options,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": settings})
    made = Authenticator(session, str(added["authenticatorId"]))
    if device is not None:
        made.hold(device)
    return made

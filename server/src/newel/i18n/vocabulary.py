"""The nouns of the pages: ways to confirm, the treads of the climb, the rows of the post."""

from collections.abc import Mapping
from typing import Final

from newel.i18n.message import Text, Words

WAYS: Final[Mapping[str, Text]] = {
    "password": Text("Password"),
    "totp": Text("Authenticator app"),
    "webauthn": Text("Passkey"),
    "recovery_code": Text("Recovery code"),
}
"""A method's name, as a heading and on the climb."""

ABOUT: Final[Mapping[str, Text]] = {
    "password": Text("The one you sign in with"),
    "totp": Text("Works without a connection"),
    "webauthn": Text("Fingerprint, face or PIN of your device"),
    "security_key": Text("Plug it in or hold it near"),
    "recovery_code": Text("From your printed list; each works once"),
}
"""One line about a way, for the page that lists them."""

CODE_FROM_APP: Final = Text("Code from your authenticator app")

ONE_MORE: Final = Text("One more proof")
NEXT: Final[Mapping[str, Text]] = {
    "password": Text("your password"),
    "totp": Text("a code from your app"),
    "webauthn": Text("your passkey"),
    "webauthn+totp": Text("passkey or code"),
    "recovery_code": Text("a recovery code"),
    "choice": Text("your choice"),
    "enrol": Text("a minute"),
}
"""What the present tread says below "One more proof"."""

NEW_PASSKEY: Final = Text("New passkey")
NEW_APP: Final = Text("New authenticator app")

FIELDS: Final[Mapping[str, Text]] = {
    "payee": Text("To"),
    "account": Text("Account"),
    "iban": Text("IBAN"),
    "reference": Text("Reference"),
    "from": Text("From"),
    "amount": Text("Amount"),
    "name": Text("Name"),
    "repository": Text("Repository"),
    "person": Text("Person"),
}
"""Labels for fields of bound actions."""


def field_label(name: str) -> Words:
    """Give a field's label; a field without one shows its own name."""
    return FIELDS.get(name) or name.replace("_", " ").capitalize()


def clients_words(label: Words, client: str) -> Text:
    """Mark a row as the application's own words (rule S17)."""
    return Text("%(label)s (in %(client)s's words)", {"label": label, "client": client})


def not_for_payments() -> Text:
    """Head the ways that cannot confirm this act."""
    return Text("Not for this")


def recovery_not_for() -> Text:
    """Say what recovery codes are for."""
    return Text("Recovery codes let you back in, but can't confirm this.")


ADD_APP_INSTEAD: Final = Text("Add an authenticator app instead")
ADD_PASSKEY_INSTEAD: Final = Text("Add a passkey instead")
CHANGE_PASSWORD: Final = Text("Change password")
ADD_PASSKEY: Final = Text("Add a passkey")
ADD_APP: Final = Text("Add an authenticator app")
NOT_NOW: Final = Text("Not now")
ASK_AGAIN: Final = Text("Ask again")
CHANGE: Final = Text("Change")
THIS_DEVICE: Final = Text("On this device only")
CONFIRMED: Final = Text("Confirmed")
DECLINED: Final = Text("Declined")
UNANSWERED: Final = Text("No answer")
SYNCED: Final = Text("Synced")


def back_to(client: str) -> Text:
    """Lead back to the application."""
    return Text("Back to %(client)s", {"client": client})


def add_to_go_on(*, app: bool) -> Text:
    """Head an enrolment inside a step-up."""
    return Text("Add an app to go on") if app else Text("Add a passkey to go on")


def added_used(added: object, used: object) -> Text:
    """Say when a way was added and last used (two `Day`s)."""
    return Text("Added %(added)s, used %(used)s", {"added": added, "used": used})


def added_only(added: object) -> Text:
    """Say when a way was added that was not used yet."""
    return Text("Added %(added)s, not used yet", {"added": added})

"""From what flows say to what a page says: methods, reasons, and the acts they concern."""

from collections.abc import Mapping

from newel.domain.evidence import Evidence
from newel.domain.interaction import Interaction, Purpose
from newel.domain.method import PASSKEY, PASSWORD, RECOVERY_CODE, SECURITY_KEY, TOTP
from newel.flows.decide import reasons_of
from newel.flows.own import ENTER, OPEN, opens
from newel.i18n import sentences
from newel.i18n.acts import Act, act
from newel.i18n.message import Clock, Text, Words
from newel.web.views import Icon, Step

NAMES: Mapping[str, Text] = {
    PASSWORD.name: Text("Password"),
    TOTP.name: Text("Code from your app"),
    PASSKEY.name: Text("Passkey"),
    SECURITY_KEY.name: Text("Security key"),
    RECOVERY_CODE.name: Text("Recovery code"),
}
UNNAMED: Mapping[str, Text] = {PASSWORD.name: Text("Password"), RECOVERY_CODE.name: Text("List of recovery codes")}
"""What there is one of at most, so that nobody is asked to name it."""
ICONS: Mapping[str, Icon] = {
    PASSWORD.name: "lock",
    TOTP.name: "code",
    PASSKEY.name: "passkey",
    SECURITY_KEY.name: "key",
    RECOVERY_CODE.name: "paper",
}
HINTS: Mapping[str, Text] = {
    PASSWORD.name: Text("The one you sign in with"),
    TOTP.name: Text("Works without a connection"),
    PASSKEY.name: Text("Fingerprint, face or PIN of your device"),
    SECURITY_KEY.name: Text("Plug it in or hold it to your phone"),
    RECOVERY_CODE.name: Text("One of the codes you wrote down"),
}


def act_of(interaction: Interaction) -> Act:
    """The words around what an interaction is about."""
    if interaction.purpose is Purpose.ACCOUNT:
        return own_act(interaction.change)
    if interaction.action is not None:
        return act(interaction.action.action)
    return act("confirm" if interaction.lineage else "sign_in")


def own_act(change: str) -> Act:
    """The words around what is done at one's own account."""
    return act({OPEN: "sign_in", ENTER: "view"}.get(change, "account"))


def own_why(interaction: Interaction) -> Words:
    """Why one's own account asks: what the code demands of every change, then the reasons of the rules."""
    reasons = [Text(reason.because) for reason in reasons_of(interaction.decided)]
    if not opens(interaction.change):
        said: Words = sentences.change_asks()
    elif reasons:
        said = sentences.because(reasons.pop(0))
    else:
        said = sentences.account_asks()
    for reason in reasons:
        said = sentences.also_because(said, reason)
    return said


def climb(evidence: tuple[Evidence, ...], asked: Words) -> tuple[Step, ...]:
    """The proofs already given, with their times, and the one that is asked."""
    done = tuple(Step("done", NAMES[event.method], Clock(event.at)) for event in evidence[-3:])
    return (*done, Step("now", Text("One more proof") if done else Text("First proof"), asked))


def fault_words(way: str, reason: str, *, known: bool = False) -> Words:
    """What to say of an answer that did not hold; `known` where the person is, so that the name cannot be wrong."""
    if reason == "busy":
        return Text("Too many people sign in right now. Try again in a minute.")
    if reason == "expired":
        return Text("This page was open for too long. Try again now.")
    if way == PASSWORD.name:
        return sentences.wrong_password_again() if known else sentences.wrong_password()
    if way == TOTP.name:
        return sentences.used_code() if reason == "code_used" else sentences.wrong_code()
    if way == RECOVERY_CODE.name:
        return sentences.used_recovery_code() if reason == "code_used" else sentences.wrong_recovery_code()
    return sentences.unknown_passkey() if reason == "unknown_credential" else sentences.refused_passkey()


def enrol_fault_words(method: str, reason: str, least: int) -> Words:
    """What to say of an enrolment that was not confirmed."""
    if reason == "too_short":
        return sentences.short_password(least)
    if reason == "too_long":
        return sentences.long_password(128)
    if reason in {"common", "resembles_name"}:
        return sentences.common_password()
    if method == TOTP.name:
        return sentences.wrong_code()
    if reason == "busy":
        return Text("Too many people sign in right now. Try again in a minute.")
    return sentences.refused_attestation()

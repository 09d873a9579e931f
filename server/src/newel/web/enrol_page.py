"""The pages of an enrolment: a passkey, an authenticator app, recovery codes, a password."""

from newel.domain.interaction import Interaction, Purpose
from newel.domain.method import PASSKEY, RECOVERY_CODE, SECURITY_KEY, TOTP
from newel.factors.password import LEAST
from newel.flows.decide import Person
from newel.flows.enrol import Draft
from newel.http.qr import qr_svg
from newel.i18n.message import Text, Words
from newel.web.desk import Visit
from newel.web.views import EnrolApp, EnrolPasskey, EnrolRecovery, Frame, Link, NewPassword
from newel.web.words import act_of, enrol_fault_words


def enrol_page(
    here: Visit, interaction: Interaction, person: Person, draft: Draft, later: Words | None = None
) -> EnrolPasskey | EnrolApp | EnrolRecovery | NewPassword:
    """The page on which the drafted authenticator is confirmed; `later` says how it can be put off, if it can."""
    frame = Frame(
        here=f"/i/{interaction.id}{_query(here)}",
        who=person.subject.display,
        expires=max(0, interaction.expires_at - here.now),
    )
    action, error = f"/i/{interaction.id}", _error(here, draft.method)
    cancel = act_of(interaction).decline if interaction.purpose is not Purpose.SIGN_UP else Text("Later")
    if draft.method in {PASSKEY.name, SECURITY_KEY.name}:
        return EnrolPasskey(
            frame=frame,
            action=action,
            csrf=here.csrf,
            options=draft.public["options"],
            name=suggested_name(here),
            error=error,
            other=_other(interaction, "totp", Text("Add an authenticator app instead")),
            later=later,
            cancel=cancel,
        )
    if draft.method == TOTP.name:
        return EnrolApp(
            frame=frame,
            action=action,
            csrf=here.csrf,
            qr=qr_svg(draft.public["uri"]),
            secret=tuple(draft.public["secret"]),
            address=draft.public["uri"],
            name=here.desk.renderer.wording(here.locale).say(Text("Authenticator app")),
            error=error,
            other=_other(interaction, "passkey", Text("Add a passkey instead")),
            later=later,
            cancel=cancel,
        )
    if draft.method == RECOVERY_CODE.name:
        codes = tuple(draft.public["codes"])
        return EnrolRecovery(frame=frame, action=action, csrf=here.csrf, codes=codes, error=error)
    return NewPassword(
        frame=frame, action=action, csrf=here.csrf, username=person.subject.name, least=LEAST, error=error, cancel=None
    )


def suggested_name(here: Visit) -> str:
    """A name by which a person recognises this device; only a suggestion in the field."""
    agent = here.request.headers.get("user-agent", "")
    devices = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
    )
    device = next((name for mark, name in devices if mark in agent), None)
    return device or here.desk.renderer.wording(here.locale).say(Text("This device"))


def _other(interaction: Interaction, method: str, label: Words) -> Link | None:
    if interaction.purpose is Purpose.SIGN_UP:
        return Link(label, f"/i/{interaction.id}?add={method}")
    return Link(label, f"/account/add/{method}") if interaction.purpose is Purpose.ACCOUNT else None


def _query(here: Visit) -> str:
    add = here.request.query.get("add")
    return f"?add={add}" if add in {"passkey", "totp", "recovery_code"} else ""


def _error(here: Visit, method: str) -> Words | None:
    reason = here.request.query.get("error", "")
    if not reason or here.request.query.get("way") != method:
        return None
    return enrol_fault_words(method, reason, LEAST)

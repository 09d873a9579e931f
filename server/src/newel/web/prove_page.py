"""The pages that ask for a proof: sign-in, one more proof, choose another way, why."""

from collections.abc import Mapping

import msgspec

from newel.crypto import base64url
from newel.domain.interaction import Challenge, Interaction, Purpose
from newel.domain.method import PASSKEY, PASSWORD, RECOVERY_CODE, SECURITY_KEY, TOTP
from newel.domain.plan import Way
from newel.domain.value import replace
from newel.factors.table import FACTORS
from newel.flows.challenge import context, offered_ways
from newel.flows.decide import Person, reasons_of
from newel.flows.known import known_client
from newel.flows.step import Step
from newel.i18n import sentences
from newel.i18n.acts import Act
from newel.i18n.display import read_display
from newel.i18n.message import Text, Words
from newel.storage.sql.authenticators import subject_of_credential
from newel.web.desk import Visit
from newel.web.later import later_words
from newel.web.views import CodeForm, Frame, PasskeyForm, PasswordForm, Prove, RecoveryForm, SignIn, Ways
from newel.web.views import Way as WayRow
from newel.web.words import HINTS, ICONS, NAMES, act_of, climb, fault_words, own_why

WEBAUTHN = (PASSKEY.name, SECURITY_KEY.name)
KNOWN_FAULTS = frozenset(
    {
        "malformed",
        "expired",
        "wrong_action",
        "wrong_password",
        "wrong_code",
        "code_used",
        "unknown_credential",
        "wrong_subject",
        "wrong_origin",
        "wrong_challenge",
        "not_present",
        "not_verified",
        "bad_signature",
        "cloned",
        "unsupported",
        "busy",
    }
)


async def sign_in_page(here: Visit, interaction: Interaction) -> SignIn:
    """Who are you: name and password, or a passkey."""
    client = await _client_name(here, interaction)
    request = interaction.request
    error = _fault(here)
    typed = request.login_hint if request and request.login_hint else ""
    return SignIn(
        frame=_frame(here, interaction, None),
        action=f"/i/{interaction.id}",
        csrf=here.csrf,
        client=client,
        username=typed,
        error=fault_words(PASSWORD.name, error[1]) if error and error[0] == PASSWORD.name else None,
        passkey=_options(here, interaction, PASSKEY.name, None),
        passkey_error=fault_words(error[0], error[1]) if error and error[0] in WEBAUTHN else None,
        unknown=await _unknown(here),
        cancel=Text("Don't sign in"),
    )


async def prove_page(here: Visit, interaction: Interaction, step: Step, person: Person) -> Prove:
    """One more proof, by the ways the plan begins with; a chosen way comes first and alone."""
    words, request = act_of(interaction), interaction.request
    ways = {way.method.name: way for way in offered_ways(step.where.plan)}
    chosen = here.request.query.get("way")
    shown = {chosen: ways[chosen]} if chosen in ways else {k: w for k, w in ways.items() if k != RECOVERY_CODE.name}
    shown = shown or ways
    client = await _client_name(here, interaction)
    bound = read_display(interaction.action.text) if interaction.action else None
    return Prove(
        frame=_frame(here, interaction, person),
        action=f"/i/{interaction.id}",
        csrf=here.csrf,
        title=words.title,
        climb=climb(step.where.standing.counted, _asked(shown)),
        why=_why(client, interaction),
        check=sentences.compare() if bound is not None and bound.amount is not None else None,
        bound=bound,
        note=sentences.fallen() if step.where.fallen else None,
        passkey=_passkey_form(here, interaction, shown, words, person, await _unknown(here)),
        code=_code_form(here, interaction, shown, words),
        password=_password_form(here, shown, words, person),
        recovery=_recovery_form(here, interaction, shown, words),
        later=await later_words(here, interaction, person),
        cancel=words.decline,
        limits=words.limits(interaction.expires_at),
        other_ways=f"/i/{interaction.id}/ways" if len(ways) > 1 else None,
        report=request is not None,
    )


async def put_off_page(here: Visit, interaction: Interaction, person: Person) -> Prove:
    """Nothing could be proven or added here: all that the person can do is to put it off, or to leave."""
    return replace(
        await _nothing_asked(here, interaction, person, Text("Soon you need another way to confirm it's you")),
        note=Text("Your account doesn't have it yet, and it can't be added on this page. Ask the help desk for it."),
        later=await later_words(here, interaction, person),
    )


async def told_page(here: Visit, interaction: Interaction, person: Person) -> Prove:
    """Nothing is asked: the person reads that less is taken than the policy asks, and goes on."""
    page = await _nothing_asked(here, interaction, person, Text("A weaker proof is taken"))
    return replace(page, note=sentences.fallen_met(), go_on=Text("Go on"))


async def _nothing_asked(here: Visit, interaction: Interaction, person: Person, title: Words) -> Prove:
    return Prove(
        frame=_frame(here, interaction, person),
        action=f"/i/{interaction.id}",
        csrf=here.csrf,
        title=title,
        why=_why(await _client_name(here, interaction), interaction),
        cancel=act_of(interaction).decline,
        report=interaction.request is not None,
    )


def ways_page(here: Visit, interaction: Interaction, step: Step, person: Person) -> Ways:
    """Choose another way."""
    return Ways(
        frame=_frame(here, interaction, person),
        action=f"/i/{interaction.id}/ways",
        csrf=here.csrf,
        ways=tuple(
            WayRow(id=way.method.name, icon=ICONS[way.method.name], name=_name(way), more=HINTS[way.method.name])
            for way in offered_ways(step.where.plan)
        ),
        back=f"/i/{interaction.id}",
        climb=climb(step.where.standing.counted, Text("your choice")),
        bound=read_display(interaction.action.text) if interaction.action else None,
    )


def _name(way: Way) -> Words:
    return way.authenticators[0].name if len(way.authenticators) == 1 and way.method.signs else NAMES[way.method.name]


def _frame(here: Visit, interaction: Interaction, person: Person | None) -> Frame:
    return Frame(
        here=f"/i/{interaction.id}",
        who=person.subject.display if person else None,
        not_you=f"/i/{interaction.id}/not-you" if person and interaction.purpose is Purpose.AUTHORIZE else None,
        why=f"/i/{interaction.id}/why" if interaction.decided else None,
        expires=max(0, interaction.expires_at - here.now),
    )


async def _client_name(here: Visit, interaction: Interaction) -> str | None:
    client = await known_client(here.services, interaction.request.client_id) if interaction.request else None
    return client.name if client else None


def _why(client: str | None, interaction: Interaction) -> Words:
    """One sentence: the policy's reason if it gave one."""
    if interaction.purpose is Purpose.ACCOUNT:
        return own_why(interaction)
    who = client or ""
    if interaction.request is not None and interaction.request.fresh_only:
        return sentences.again()
    reasons = reasons_of(interaction.decided)
    return sentences.asks(who, Text(reasons[-1].because)) if reasons else sentences.asks_plainly(who)


def _asked(shown: Mapping[str, Way]) -> Words:
    names = [name for name in shown if name != RECOVERY_CODE.name]
    webauthn = any(name in WEBAUTHN for name in names)
    if webauthn and TOTP.name in names:
        return Text("passkey or code")
    if webauthn:
        return Text("passkey")
    if TOTP.name in names:
        return Text("code")
    return Text("password") if PASSWORD.name in names else Text("recovery code")


def _fault(here: Visit) -> tuple[str, str] | None:
    """The way and reason that the redirect after a failed answer named; anything else is not repeated."""
    reason = here.request.query.get("error")
    if reason is None:
        return None
    way = here.request.query.get("way", "")
    return (way, reason) if way in NAMES and reason in KNOWN_FAULTS else None


def _error(here: Visit, *ways: str) -> Words | None:
    fault = _fault(here)
    return fault_words(*fault, known=True) if fault and fault[0] in ways else None


def _left(here: Visit, interaction: Interaction, error: Words | None) -> Words | None:
    left = here.services.config.guessing.attempts - interaction.attempts
    return sentences.tries_left(left) if error and left >= 0 else None


def _options(here: Visit, interaction: Interaction, method: str, person: Person | None) -> str | None:
    challenge = _challenge(interaction, method)
    if challenge is None:
        return None
    asked = tuple(person.authenticators.values()) if person else ()
    told = context(here.services, interaction, here.now)
    return str(FACTORS[method].public(told, challenge, asked)["options"])


def _challenge(interaction: Interaction, method: str) -> Challenge | None:
    return next((each for each in interaction.challenges if each.method == method), None)


def _passkey_form(
    here: Visit, interaction: Interaction, shown: Mapping[str, Way], words: Act, person: Person, unknown: str | None
) -> PasskeyForm | None:
    method = next((name for name in WEBAUTHN if name in shown), None)
    options = _options(here, interaction, method, person) if method else None
    if method is None or options is None:
        return None
    return PasskeyForm(
        options=options,
        way=method,
        label=words.with_passkey,
        failed=words.no_passkey,
        error=_error(here, method),
        unknown=unknown,
    )


async def _unknown(here: Visit) -> str | None:
    """What the browser is told of a credential that nobody here has, so that it can forget it."""
    named = here.request.query.get("credential")
    if not named:
        return None
    try:
        credential = base64url.decode(named)
    except ValueError:
        return None
    if await here.services.store.one(subject_of_credential(credential)) is not None:
        return None
    return msgspec.json.encode({"rpId": here.services.config.rp_id, "credentialId": named}).decode()


def _code_form(here: Visit, interaction: Interaction, shown: Mapping[str, Way], words: Act) -> CodeForm | None:
    if TOTP.name not in shown:
        return None
    error = _error(here, TOTP.name)
    return CodeForm(
        way=TOTP.name,
        label=Text("Code from your authenticator app"),
        submit=words.with_code,
        error=error,
        left=_left(here, interaction, error),
    )


def _password_form(here: Visit, shown: Mapping[str, Way], words: Act, person: Person) -> PasswordForm | None:
    if PASSWORD.name not in shown:
        return None
    error = _error(here, PASSWORD.name)
    return PasswordForm(username=person.subject.name, submit=words.with_password, error=error)


def _recovery_form(here: Visit, interaction: Interaction, shown: Mapping[str, Way], words: Act) -> RecoveryForm | None:
    if RECOVERY_CODE.name not in shown:
        return None
    error = _error(here, RECOVERY_CODE.name)
    return RecoveryForm(submit=words.with_recovery, error=error, left=_left(here, interaction, error))

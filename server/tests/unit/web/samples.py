"""One sample, or more, of every page, as a bank would show it. `samples(locale)` is for every suite that looks at pages."""

import json
from functools import partial
from zoneinfo import ZoneInfo

from newel.http.pages import FAILURES, UNREADABLE, FailurePage, View
from newel.http.qr import qr_svg
from newel.i18n import formats, sentences
from newel.i18n.acts import act
from newel.i18n.display import Bound, Row
from newel.i18n.message import Clock, Day, Text, Words
from newel.web import refusals, views
from newel.web.views import Frame, Link, Step

BERLIN = ZoneInfo("Europe/Berlin")
NOON = 1_795_527_000  # 24 November 2026, 14:30 in Berlin
AT_1421, AT_1431, AT_1434, AT_1440 = (NOON + 60 * minutes for minutes in (-9, 1, 4, 10))
IBAN = "DE89370400440532013000"
BANK = "Acme Online Banking"
SECRET = ("JBSW", "Y3DP", "EHPK", "3PXP", "JBSW", "Y3DP", "EHPK", "3PXP")
OTPAUTH = "otpauth://totp/Acme%20Bank:alex?secret=" + "".join(SECRET) + "&issuer=Acme%20Bank"

REQUEST = json.dumps(
    {"challenge": "Ym91bmQ", "rpId": "localhost", "allowCredentials": [], "userVerification": "required"}
)
CREATION = json.dumps(
    {
        "challenge": "ZW5yb2w",
        "rp": {"id": "localhost", "name": "Acme Bank"},
        "user": {"id": "dXNlci0x", "name": "alex", "displayName": "Alex Doe"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
    }
)
HERE = "/interaction/7f3a"
CSRF = "c3JmLXRva2Vu"
FRAME = Frame(here=HERE, who="Alex Doe", not_you="/interaction/7f3a/other", why="/why/7F3A-91C2")
BARE = Frame(here=HERE)
CLIMB = (
    Step("done", Text("Password"), Clock(AT_1421)),
    Step("now", Text("One more proof"), Text("passkey or code")),
)
SEND = act("send")


def bound(locale: str, *, short: bool = False) -> Bound:
    """Give the post of a transfer, in the reader's language."""
    german = locale == "de"
    rows = (
        Row("An" if german else "To", "Maria Example"),
        Row("IBAN", formats.iban(IBAN)),
        Row("Zweck (Worte von Acme)" if german else "Reference (Acme\u2019s words)", "Invoice 2291"),
        Row("Von" if german else "From", "Girokonto ··· 4711" if german else "Current account ··· 4711"),
    )
    return Bound(
        verb="Senden" if german else "Send",
        amount=formats.amount(500_000, "EUR", locale),
        rows=rows[:2] if short else rows,
    )


def code(error: Words | None = None, left: Words | None = None) -> views.CodeForm:
    """Give the form for a code from an app."""
    label = Text("Code from your authenticator app")
    return views.CodeForm(way="a4", label=label, submit=SEND.with_code, error=error, left=left)


def passkey(error: Words | None = None, unknown: str | None = None) -> views.PasskeyForm:
    """Give the form for a passkey."""
    return views.PasskeyForm(
        options=REQUEST, label=SEND.with_passkey, failed=SEND.no_passkey, error=error, unknown=unknown
    )


def sign_in() -> dict[str, View]:
    """Sign-in and sign-out."""
    return {
        "sign_in": views.SignIn(frame=BARE, action=HERE, csrf=CSRF, client=BANK, passkey=REQUEST, recover="/recover"),
        "sign_in_error": views.SignIn(
            frame=BARE,
            action=HERE,
            csrf=CSRF,
            client=BANK,
            username="alex",
            passkey=REQUEST,
            error=sentences.wrong_password(),
        ),
        "sign_in_passkey_error": views.SignIn(
            frame=BARE,
            action=HERE,
            csrf=CSRF,
            client=BANK,
            passkey=REQUEST,
            passkey_error=sentences.unknown_passkey(),
            unknown='{"rpId":"localhost","credentialId":"AAAA"}',
        ),
        "sign_in_again": views.SignIn(
            frame=FRAME,
            action=HERE,
            csrf=CSRF,
            client=BANK,
            username="alex",
            again=True,
            why=sentences.again(),
            passkey=REQUEST,
            allow_other="/other",
            cancel=act("confirm").decline,
        ),
        "sign_out": views.SignOut(frame=FRAME, action="/sign-out", csrf="x", client=BANK, fields=(("state", "a b"),)),
        "signed_out": views.SignedOut(frame=BARE, onward=Link(Text("Back to the application"), "/")),
    }


def proofs(locale: str) -> dict[str, View]:
    """The step-up and its ways."""
    prove = partial(
        views.Prove,
        frame=FRAME,
        action=HERE,
        csrf=CSRF,
        title=SEND.title,
        climb=CLIMB,
        why=sentences.asks(BANK, "the payee is new"),
        cancel=SEND.decline,
        limits=SEND.limits(AT_1440),
        other_ways="/interaction/7f3a/ways",
        report=True,
    )
    post = partial(prove, check=sentences.compare(), bound=bound(locale))
    confirm = act("confirm")
    password = views.PasswordForm(username="alex", submit=confirm.with_password)
    wrong = views.PasswordForm(username="alex", submit=confirm.with_password, error=sentences.wrong_password_again())
    recovery = views.RecoveryForm(submit=confirm.with_recovery)
    wrong_code = code(error=sentences.wrong_code(), left=sentences.tries_left(3))
    return {
        "prove": post(passkey=passkey(), code=code()),
        "prove_code_error": post(passkey=passkey(), code=wrong_code),
        "prove_passkey_error": post(
            passkey=passkey(error=sentences.refused_passkey(), unknown='{"rpId":"a","credentialId":"b"}'),
        ),
        "prove_put_off": post(code=code(), later=sentences.put_off(1, AT_1440, year=True)),
        "prove_told": prove(
            title=Text("A weaker proof is taken"),
            climb=(),
            note=sentences.fallen_met(),
            go_on=Text("Go on"),
        ),
        "prove_put_off_only": prove(climb=(), later=sentences.put_off(3, AT_1440, year=False), note=sentences.fallen()),
        "prove_code_only": post(code=code(), note=sentences.fallen()),
        "prove_password": prove(title=confirm.title, password=password, recovery=recovery),
        "prove_password_error": prove(title=confirm.title, passkey=passkey(), password=wrong),
        "prove_recovery": prove(title=confirm.title, climb=(), recovery=recovery),
        "code": prove(code=code()),
        "code_error": prove(code=wrong_code),
        "ways": views.Ways(
            action=HERE,
            csrf=CSRF,
            frame=FRAME,
            climb=CLIMB,
            bound=bound(locale, short=True),
            back="/interaction/7f3a",
            recover="/recover",
            ways=(
                views.Way(
                    id="a1",
                    icon="passkey",
                    name="Laptop, Firefox",
                    more=Text("Fingerprint, face or PIN of your device"),
                ),
                views.Way(id="a2", icon="key", name="YubiKey 5", more=Text("Plug it in or hold it to your phone")),
                views.Way(
                    id="a4",
                    icon="code",
                    name=Text("Code from your authenticator app"),
                    more=Text("Works without a connection"),
                ),
            ),
            not_for_title="Not for payments",
            not_for="Recovery codes let you back in, but can't confirm a payment.",
        ),
    }


def enrolments() -> dict[str, View]:
    """Sign-up and what is added later."""
    later = Text("It counts for less until you confirm it with an older way of at least its strength.")
    why = sentences.asks_plainly(BANK)
    enrol_app = partial(
        views.EnrolApp,
        frame=FRAME,
        action=HERE,
        csrf=CSRF,
        qr=qr_svg(OTPAUTH),
        secret=SECRET,
        address=OTPAUTH,
        name="Aegis",
    )
    other_app, other_key = (
        Link(Text("Add an authenticator app instead"), "/app"),
        Link(Text("Add a passkey instead"), "/key"),
    )
    return {
        "sign_up": views.SignUp(
            frame=BARE, action=HERE, csrf=CSRF, username="alex", until=sentences.day_and_time(Day(NOON), Clock(AT_1440))
        ),
        "new_password": views.NewPassword(frame=BARE, action=HERE, csrf=CSRF, username="alex"),
        "new_password_error": views.NewPassword(
            frame=BARE, action=HERE, csrf=CSRF, username="alex", error=sentences.short_password(8), cancel=Text("Later")
        ),
        "second_way": views.SecondWay(frame=BARE, action=HERE, csrf=CSRF, passkey="/key", app="/app"),
        "enrol_passkey": views.EnrolPasskey(
            frame=FRAME,
            action=HERE,
            csrf=CSRF,
            options=CREATION,
            name="Laptop, Firefox",
            later=sentences.put_off(2, AT_1440, year=False),
            title=None,
            climb=(CLIMB[0], Step("now", Text("Passkey"), Text("your choice"))),
            why=why,
            other=other_app,
            cancel=SEND.decline,
            limits=SEND.limits(AT_1440),
        ),
        "enrol_passkey_later": views.EnrolPasskey(
            frame=FRAME,
            action=HERE,
            csrf=CSRF,
            options=CREATION,
            name="Laptop",
            counts=later,
            error=sentences.refused_attestation(),
        ),
        "enrol_app": enrol_app(counts=later, other=other_key, cancel=Text("Later")),
        "enrol_app_error": enrol_app(
            why=why,
            error=sentences.wrong_code(),
            limits=SEND.limits(AT_1440),
            later=sentences.put_off(2, AT_1440, year=False),
        ),
        "enrol_recovery": views.EnrolRecovery(
            frame=FRAME, action=HERE, csrf=CSRF, codes=tuple(f"{n}7k2-9fq{n}-x4mp" for n in range(10)), counts=later
        ),
    }


def answers() -> dict[str, View]:
    """Every refusal, and the page that explains."""
    again = views.Post(label=Text("Ask again"), action="/again", csrf="x", fields=(("again", "1"),))
    refused = {
        "declined": refusals.declined(FRAME, SEND, onward=Link(Text("Back to the application"), "/")),
        "no_answer": refusals.no_answer(FRAME, act("delete"), until=AT_1434, onward=again),
        "gone": refusals.gone(BARE),
        "done_elsewhere": refusals.done_elsewhere(FRAME),
        "wrong_browser": refusals.wrong_browser(BARE),
        "resting": refusals.resting(FRAME, SEND, until=AT_1440, others=True),
        "resting_alone": refusals.resting(FRAME, SEND, until=AT_1440, others=False),
        "too_often": refusals.too_often(BARE, until=AT_1440),
        "unknown_application": refusals.unknown_application(BARE, "7F3A-91C2"),
        "unreadable": refusals.unreadable(BARE, "7F3A-91C2"),
        "request_over": refusals.request_over(Frame()),
        "reported": refusals.reported(BARE, "Acme Bank", record="7F3A-91C2", onward=Link(Text("Change"), "/p")),
        "address_spent": refusals.address_spent(BARE),
    }
    failures = {
        f"failure_{status}": FailurePage(
            frame=BARE, title=words[0], happened=words[1], todo=words[2], record="7F3A-91C2" if status == 500 else None
        )
        for status, words in {**FAILURES, 400: UNREADABLE}.items()
    }
    why = views.Why(
        frame=FRAME,
        act=sentences.act_at(NOON, BANK, SEND.verb),
        reason=sentences.asks(BANK, "the payee is new"),
        needed=Text("Two proofs"),
        had=sentences.proven(Text("Password"), 180),
        ignored="Your place, device and time of day.",
        record="7F3A-91C2",
        policy="41",
        back=Link(Text("Back"), "/interaction/7f3a"),
    )
    return {**refused, **failures, "why": why}


def account() -> dict[str, View]:
    """The person's own list of ways."""
    used = Text("Added %(added)s, used %(used)s", {"added": Day(NOON - 20_000_000, year=True), "used": Day(NOON)})
    later = Text("It counts for less until you confirm it with an older way of at least its strength.")
    laptop = views.AccountWay(id="a1", icon="laptop", name="Work laptop", more=used, tag=None)
    phone = views.AccountWay(
        id="a2", icon="phone", name="Alex's phone", more=used, tag=Text("Synced"), counts=later, confirm=True
    )
    app = views.AccountWay(id="a3", icon="code", name="Aegis", more=used)
    password = views.AccountWay(
        id="a4",
        icon="lock",
        name="Password",
        more=used,
        rename=False,
        remove=False,
        replace=Link(Text("Change"), "/p"),
    )
    codes = views.AccountWay(id="a5", icon="paper", name="Recovery codes", more="8 codes unused", rename=False)
    page = partial(views.Account, frame=FRAME, action="/account", csrf="x", add_passkey="/key", add_app="/app")
    prompt = views.Prompt(
        when=sentences.day_and_time(Day(NOON), Clock(NOON)),
        act="Send",
        answer=Text("Already confirmed"),
        good=True,
        way="Work laptop",
        why="/why/1",
    )
    return {
        "account": page(
            passkeys=(laptop, phone),
            others=(app, password, codes),
            notice=sentences.removed("Old phone"),
            add_recovery="/codes",
            prompts=(prompt,),
            asked="You were asked 3 times in the last 30 days.",
        ),
        "account_bare": page(passkeys=(), others=(password,), error=sentences.refused_passkey()),
    }


def samples(locale: str) -> dict[str, View]:
    """Give every sample under a stable name."""
    return {**sign_in(), **proofs(locale), **enrolments(), **answers(), **account()}

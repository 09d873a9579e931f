"""What each page is given: one frozen dataclass per template, holding its data and no logic.

Every text is `Words`: already in the reader's language, or a message that the renderer words. Every form posts `csrf`.
`way` is the value a form sends back in its hidden field `way`: the authenticator's id or the name of a method.
"""

from typing import ClassVar, Literal

from newel.domain.value import dataclass
from newel.http.frame import Frame as Frame  # ruff: ignore[useless-import-alias] - a view's callers need both
from newel.i18n.display import Bound
from newel.i18n.message import Words

Icon = Literal["passkey", "key", "phone", "laptop", "code", "message", "mail", "paper", "lock", "qr"]


@dataclass(frozen=True, slots=True)
class Link:
    """A way onwards by a link."""

    label: Words
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A way onwards by a form with one button."""

    label: Words
    action: str
    csrf: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One tread of the climb: what was confirmed and when, or what is asked now."""

    state: Literal["done", "now"]
    name: Words
    detail: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyForm:
    """A passkey request: its options as JSON (PublicKeyCredentialRequestOptionsJSON), and the button that starts it."""

    options: str
    label: Words
    failed: Words  # said when no passkey was used
    way: str = "passkey"
    hint: Words | None = None  # None: what the device will ask for
    error: Words | None = None  # an assertion the server refused
    unknown: str | None = None  # JSON {"rpId", "credentialId"}: the server no longer knows this credential


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeForm:
    """A one-time code: which authenticator shows it, what went wrong, and what is left."""

    way: str
    label: Words  # the field: "Code from your authenticator app"
    submit: Words  # the button: "Send with code"
    error: Words | None = None
    left: Words | None = None  # "3 tries left. …"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordForm:
    """A password asked again; the name stands beside it, read-only, for password stores."""

    username: str
    submit: Words
    way: str = "password"
    error: Words | None = None
    left: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryForm:
    """One of the person's recovery codes."""

    submit: Words
    way: str = "recovery_code"
    error: Words | None = None
    left: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Who are you: name and password, or a passkey, in one page. Posts username, password | assertion | decision."""

    template: ClassVar[str] = "sign_in.html"
    frame: Frame
    action: str
    csrf: str
    client: str | None = None  # the application the person goes on to
    username: str = ""
    again: bool = False  # the name is fixed: the same person is asked again
    why: Words | None = None
    error: Words | None = None
    hint: Words | None = None  # a calm note above the form
    passkey: str | None = None  # request options as JSON, empty allow list
    passkey_error: Words | None = None  # an assertion the server refused
    unknown: str | None = None  # JSON {"rpId", "credentialId"}
    recover: str | None = None  # where "I can't sign in" leads
    allow_other: str | None = None  # where "Use another account" leads
    cancel: Words | None = None  # the label of the button that declines


@dataclass(frozen=True, slots=True, kw_only=True)
class Prove:
    """One more proof, by the ways this page offers at once; what is bound stands on the post.

    Posts way and assertion | otp | password | recovery_code, or decision = decline | report | skip | go_on.
    """

    template: ClassVar[str] = "prove.html"
    frame: Frame
    action: str
    csrf: str
    title: Words
    climb: tuple[Step, ...] = ()
    why: Words | None = None
    check: Words | None = None  # "Compare with your invoice, …"
    bound: Bound | None = None
    note: Words | None = None  # a calm remark: a way that rests, content that changed
    passkey: PasskeyForm | None = None
    code: CodeForm | None = None
    password: PasswordForm | None = None
    recovery: RecoveryForm | None = None
    later: Words | None = None  # beside "Not now": how often and until when
    go_on: Words | None = None  # nothing is asked: the button that goes on
    cancel: Words | None = None
    limits: Words | None = None
    other_ways: str | None = None  # where "Choose another way" leads
    report: bool = False

    @property
    def failed(self) -> bool:
        """Whether a way that was tried says what went wrong."""
        forms = (self.passkey, self.code, self.password, self.recovery)
        return any(form is not None and form.error is not None for form in forms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way that can confirm, as one row."""

    id: str
    icon: Icon
    name: Words
    more: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Choose another way. Posts way."""

    template: ClassVar[str] = "ways.html"
    frame: Frame
    action: str
    csrf: str
    ways: tuple[Way, ...]
    back: str
    climb: tuple[Step, ...] = ()
    bound: Bound | None = None
    not_for_title: Words | None = None  # "Not for payments"
    not_for: Words | None = None
    recover: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPasskey:
    """Add a passkey. Posts name and attestation, or decision = decline | skip."""

    template: ClassVar[str] = "enrol_passkey.html"
    frame: Frame
    action: str
    csrf: str
    options: str  # PublicKeyCredentialCreationOptionsJSON
    name: str  # suggested
    title: Words | None = None
    climb: tuple[Step, ...] = ()
    why: Words | None = None
    counts: Words | None = None  # when it will count, if not at once
    error: Words | None = None
    other: Link | None = None  # "Add an authenticator app instead"
    later: Words | None = None
    cancel: Words | None = None
    limits: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolApp:
    """Add an authenticator app. Posts name and otp, or decision = decline | skip."""

    template: ClassVar[str] = "enrol_app.html"
    frame: Frame
    action: str
    csrf: str
    qr: str  # inline SVG of the otpauth address, from `newel.http.qr.qr_svg`
    secret: tuple[str, ...]  # base32 in groups of four
    address: str  # the otpauth address, for an app on this device
    name: str
    title: Words | None = None
    climb: tuple[Step, ...] = ()
    why: Words | None = None
    counts: Words | None = None
    error: Words | None = None
    other: Link | None = None
    later: Words | None = None
    cancel: Words | None = None
    limits: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRecovery:
    """Recovery codes, shown once. Posts written = 1."""

    template: ClassVar[str] = "enrol_recovery.html"
    frame: Frame
    action: str
    csrf: str
    codes: tuple[str, ...]
    counts: Words | None = None
    error: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """The page behind a one-time address: opening it changes nothing. Posts to begin."""

    template: ClassVar[str] = "sign_up.html"
    frame: Frame
    action: str
    csrf: str
    username: str
    until: Words  # "until 24 November, 14:40"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """Choose a password. Posts password."""

    template: ClassVar[str] = "new_password.html"
    frame: Frame
    action: str
    csrf: str
    username: str
    least: int = 8  # characters
    title: Words | None = None
    error: Words | None = None
    cancel: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondWay:
    """Signed up: add a second way now, or later. Links to passkey and app; posts later = 1."""

    template: ClassVar[str] = "second_way.html"
    frame: Frame
    action: str
    csrf: str
    passkey: str | None
    app: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why was I asked: the act, the reason, what was needed and what was there."""

    template: ClassVar[str] = "why.html"
    frame: Frame
    act: Words
    reason: Words
    needed: Words
    had: Words
    taken: Words | None = None  # the fallback, where one stands in for what was needed
    record: str
    policy: str | None = None  # its short name or number
    ignored: Words | None = None
    back: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal, or any plain answer: what happened to the act, what to do, at most one way on."""

    template: ClassVar[str] = "refusal.html"
    frame: Frame
    title: Words
    happened: Words
    todo: Words | None = None
    onward: Link | Post | None = None
    record: str | None = None
    tone: Literal["calm", "good", "warn"] = "calm"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWay:
    """One of the person's authenticators, as listed."""

    id: str
    icon: Icon
    name: str
    more: Words  # "On this device only · added 12 March 2026, used today"
    tag: Words | None = None
    counts: Words | None = None  # unsettled: "Counts for sign-in only until 27 November, 14:31."
    confirm: bool = False  # may be confirmed with an older one now
    rename: bool = True
    remove: bool = True
    replace: Link | None = None  # "Change password", "Print new codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One line of the recent prompts."""

    when: Words
    act: Words
    answer: Words
    good: bool
    way: Words
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Ways to confirm it's you. Posts id and act = rename (with name) | remove | confirm."""

    template: ClassVar[str] = "account.html"
    frame: Frame
    action: str
    csrf: str
    passkeys: tuple[AccountWay, ...]
    others: tuple[AccountWay, ...]
    lead: Words | None = None
    notice: Words | None = None  # what just happened: removed, renamed, added
    error: Words | None = None
    add_passkey: str | None = None
    add_app: str | None = None
    add_recovery: str | None = None
    sign_out: str = "/sign-out"
    prompts: tuple[Prompt, ...] = ()
    asked: Words | None = None  # "You were asked 3 times in the last 30 days."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """Sign out? Posts decision = sign_out, or decline."""

    template: ClassVar[str] = "sign_out.html"
    frame: Frame
    action: str
    csrf: str
    client: str | None = None
    fields: tuple[tuple[str, str], ...] = ()  # carried along: state, post_logout_redirect_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """Signed out."""

    template: ClassVar[str] = "signed_out.html"
    frame: Frame
    onward: Link | None = None

import dataclasses
import hashlib
import hmac
import json
import shutil
import subprocess
from operator import itemgetter
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.factors.moment import ALEX, NOW, moment

from newel.domain.change import AdvanceCounter
from newel.domain.evidence import Authenticator, Binding
from newel.factors.base import LIVES, Confirmed, Reason, Rejected, Verified
from newel.factors.totp import STEP, Totp, address, base32, code, matching_steps, step_at, typed

VECTORS = json.loads(
    (Path(__file__).parents[4] / "tests" / "vectors" / "otp" / "rfc4226-rfc6238.json").read_text(encoding="utf-8")
)
SECRET = b"12345678901234567890"
FACTOR = Totp()
APP = Authenticator(id="t1", subject=ALEX.id, method="totp", name="App", created_at=NOW, material=SECRET)
PRESENT = step_at(NOW)


def answer(response: str, *, now: int = NOW, counter: int = 0, digest: bytes | None = None) -> Verified | Rejected:
    apps = (dataclasses.replace(APP, counter=counter),)
    challenge = FACTOR.challenge(moment(digest=digest), apps).challenge
    return FACTOR.verify(moment(now=now, digest=digest), challenge, apps, response)


def used_step(response: str, *, counter: int = 0) -> int | str:
    verified = answer(response, counter=counter)
    if isinstance(verified, Rejected):
        return verified.reason
    assert isinstance(verified.change, AdvanceCounter)
    return verified.change.to - PRESENT


@pytest.mark.parametrize(("step", "value"), list(enumerate(VECTORS["hotp"]["values"])))
def test_rfc_4226_appendix_d(step: int, value: str) -> None:
    assert code(VECTORS["hotp"]["secret_ascii"].encode(), step) == value


@pytest.mark.parametrize(
    "case", [each for each in VECTORS["totp"] if each["alg"] == "sha1"], ids=itemgetter("unix_time")
)
def test_rfc_6238_appendix_b_to_six_digits(case: dict[str, int | str]) -> None:
    assert code(SECRET, step_at(int(case["unix_time"]))) == str(case["otp"])[-6:]


def test_debians_oathtool_shows_the_same_codes() -> None:
    oathtool = shutil.which("oathtool")
    assert oathtool is not None, (
        "oathtool is missing: it is the independent generator of this test (apt install oathtool)"
    )
    first = NOW - NOW % STEP
    command = [oathtool, "--totp", "--base32", f"--now=@{first}", "--window=9", base32(SECRET)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert shown == [code(SECRET, step_at(first) + later) for later in range(10)]


@given(st.binary(min_size=20, max_size=20), st.integers(0, 2**40))
def test_a_code_is_what_rfc_4226_section_5_3_says_bit_by_bit(secret: bytes, step: int) -> None:
    mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    bits = "".join(f"{byte:08b}" for byte in mac)
    start = int(bits[-4:], 2) * 8
    assert code(secret, step) == f"{int(bits[start + 1 : start + 32], 2) % 1_000_000:06d}"


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_one_step_of_drift_is_accepted_and_the_step_is_what_is_spent(drift: int) -> None:
    assert used_step(code(SECRET, PRESENT + drift)) == drift


@pytest.mark.parametrize("drift", [-3, -2, 2, 3])
def test_more_drift_is_not(drift: int) -> None:
    assert used_step(code(SECRET, PRESENT + drift)) == "wrong_code"


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_s13_a_step_counts_once_and_nothing_before_it_counts_afterwards(drift: int) -> None:
    shown = code(SECRET, PRESENT + drift)
    assert used_step(shown, counter=PRESENT + drift) == "code_used"
    assert used_step(shown, counter=PRESENT + drift + 1) == "code_used"
    assert used_step(shown, counter=PRESENT + drift - 1) == drift


@pytest.mark.parametrize("form", ["{0}{1}", " {0} {1} ", "{0}-{1}", "{0}\u00a0{1}", "{0}\u202f{1}\n", "{0}  {1}"])
def test_spaces_and_dashes_are_dropped(form: str) -> None:
    shown = code(SECRET, PRESENT)
    assert used_step(form.format(shown[:3], shown[3:])) == 0


@pytest.mark.parametrize(
    "response",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "١٢٣٤٥٦",
        "123_456",
        "+123456",
        "12.456",
        "1" * 40,
        "²²²²²²",
    ],
)
def test_what_is_not_six_ascii_digits_is_malformed(response: str) -> None:
    assert typed(response) is None
    assert answer(response) == Rejected("malformed")


def test_a_code_is_evidence_of_possession_that_can_only_confirm_an_action() -> None:
    verified = answer(code(SECRET, PRESENT), digest=b"d" * 32)
    assert isinstance(verified, Verified)
    assert verified.evidence.amr == ("otp",)
    assert verified.evidence.binding == Binding(digest=b"d" * 32, kind="confirmed")
    assert verified.change == AdvanceCounter("t1", PRESENT)


def test_the_first_step_ever_has_no_step_before_it() -> None:
    assert matching_steps(SECRET, code(SECRET, 0), 0) == (0,)


def test_an_old_challenge_is_not_answered() -> None:
    late = NOW + LIVES
    assert answer(code(SECRET, step_at(late)), now=late) == Rejected("expired")


def test_of_two_apps_the_one_that_shows_the_code_is_the_one_that_proves() -> None:
    other = dataclasses.replace(APP, id="t2", material=b"another secret of 20")
    challenge = FACTOR.challenge(moment(), (APP, other)).challenge
    verified = FACTOR.verify(moment(), challenge, (APP, other), code(other.material, PRESENT))
    assert isinstance(verified, Verified)
    assert verified.change == AdvanceCounter("t2", PRESENT)


def test_an_enrolment_is_confirmed_by_a_code_whose_step_is_then_used() -> None:
    begun = FACTOR.enrol(moment(), ALEX)
    secret = "".join(begun.public["secret"])
    assert [len(group) for group in begun.public["secret"]] == [4] * 8
    shown = subprocess.run(
        ["oathtool", "--totp", "--base32", f"--now=@{NOW}", secret], capture_output=True, text=True, check=True
    ).stdout.strip()
    confirmed = FACTOR.confirm(moment(), ALEX, begun.draft, shown, authenticator_id="t1", name="Phone")
    assert isinstance(confirmed, Confirmed)
    stored = confirmed.authenticator
    assert (base32(stored.material), stored.counter, stored.name) == (secret, PRESENT, "Phone")
    assert confirmed.evidence is not None
    challenge = FACTOR.challenge(moment(), (stored,)).challenge
    assert FACTOR.verify(moment(), challenge, (stored,), shown) == Rejected("code_used")


@pytest.mark.parametrize(("response", "reason"), [("12345", "malformed"), ("000000", "wrong_code")])
def test_an_enrolment_without_a_right_code_is_rejected(response: str, reason: Reason) -> None:
    draft = FACTOR.enrol(moment(), ALEX).draft
    rejected = FACTOR.confirm(moment(), ALEX, draft, response, authenticator_id="t1", name="Phone")
    assert rejected == Rejected(reason)


def test_every_enrolment_has_a_secret_of_its_own_of_160_bits() -> None:
    context = moment()
    first, second = (FACTOR.enrol(context, ALEX) for _ in range(2))
    assert first.public["secret"] != second.public["secret"]
    assert len("".join(first.public["secret"])) * 5 == 160


def test_the_address_is_percent_encoded_as_apps_read_it() -> None:
    assert address("Acme & Söhne: Bank", "alex+1@example.com", SECRET) == (
        "otpauth://totp/Acme%20%26%20S%C3%B6hne%20%20Bank:alex%2B1@example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20S%C3%B6hne%20%20Bank&algorithm=SHA1&digits=6&period=30"
    )


@given(st.text(max_size=20), st.text(max_size=20), st.binary(min_size=20, max_size=20))
def test_every_address_reads_back(issuer: str, account: str, secret: bytes) -> None:
    parts = urlsplit(address(issuer, account, secret))
    label_issuer, label_account = parts.path.removeprefix("/").split(":")
    values = parse_qs(parts.query, strict_parsing=True, keep_blank_values=True)
    plain_issuer, plain_account = (text.replace(":", " ").strip() for text in (issuer, account))
    assert (unquote(label_issuer), unquote(label_account)) == (plain_issuer, plain_account)
    assert (values["issuer"], values["secret"]) == ([plain_issuer], [base32(secret)])

"""S02: levels are computed from evidence at decision time; what is unknown is never mapped to anything."""

import json

from tests.security.stage import Do, execute
from tests.simulators.person import Browser
from tests.simulators.running import Person, Relying, Running


def essential(*values: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


def test_s02_a_level_falls_when_its_evidence_stops_counting(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    assert "code" in ask(prompt="none", acr_values="aal2").answer
    execute(server, "DELETE FROM authenticators WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert ask(prompt="none", acr_values="aal2").answer["error"] == "unmet_authentication_requirements"
    assert "code" in ask(prompt="none").answer


def test_s02_an_unsettled_ceiling_holds_for_evidence_that_was_there_before(
    sign_in: Do, ask: Do, browser: Browser, server: Running, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    code = browser.submit(ask(acr_values="aal2"), otp=alex.code()).answer["code"]
    execute(server, "UPDATE authenticators SET ceiling = 'aal1' WHERE subject = :s AND method = 'totp'", s=alex.id)
    assert bank.introspect(bank.redeem(code).json()["access_token"])["acr"] == "aal1"


def test_s02_an_unknown_acr_is_refused_when_essential(sign_in: Do, ask: Do, sam: Person) -> None:
    sign_in(sam)
    assert ask(claims=essential("urn:nowhere:gold")).answer["error"] == "unmet_authentication_requirements"
    assert "code" in ask(claims=essential("urn:nowhere:gold", "aal1")).answer


def test_s02_an_unknown_acr_is_ignored_when_voluntary_and_never_reported(
    sign_in: Do, ask: Do, bank: Relying, sam: Person
) -> None:
    sign_in(sam)
    token = bank.redeem(ask(acr_values="urn:nowhere:gold").answer["code"]).json()["access_token"]
    assert bank.introspect(token)["acr"] == "aal1"


def test_s02_acr_and_auth_time_are_one_true_pair(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    first = bank.introspect(bank.redeem(sign_in(alex).answer["code"]).json()["access_token"])
    step_up = browser.submit(ask(acr_values="aal2"), otp=alex.code())
    told = bank.introspect(bank.redeem(step_up.answer["code"]).json()["access_token"])
    assert (told["acr"], told["auth_time"]) == ("aal2", told["newel_acrs"]["aal2"])
    assert told["auth_time"] >= first["auth_time"]

"""Strangers' clients against the running server: each flow is asked for and validated by a library that is not ours."""

import json
import time
from threading import Event

from tests.outside.applications import Application, OpenidClient
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Running


def visit(browser: Browser, address: str) -> Page:
    return browser.follow(browser.get(address))


def signed_in(application: Application, browser: Browser, person: Person, **parameters: str) -> Page:
    page = visit(browser, application.ask(**parameters))
    return browser.follow(browser.submit(page, username=person.name, password=person.password))


def test_discovery_and_the_code_flow_with_pkce(application: Application, browser: Browser, sam: Person) -> None:
    answer = application.answered(str(signed_in(application, browser, sam, scope="openid profile").location))
    assert answer["claims"]["sub"] == sam.id
    assert answer["claims"]["acr"] == "aal1"
    assert answer["person"]["preferred_username"] == sam.name


def test_a_step_up_with_acr_values_climbs_and_asks_only_for_the_missing_proof(
    application: Application, browser: Browser, alex: Person
) -> None:
    first = application.answered(str(signed_in(application, browser, alex).location))
    page = visit(browser, application.ask(acr_values="phr aal2"))
    page = browser.submit(page, otp=alex.code())
    second = application.answered(str(page.location))
    assert (first["claims"]["acr"], second["claims"]["acr"]) == ("aal1", "aal2")
    assert second["claims"]["sid"] == first["claims"]["sid"]
    assert {"pwd", "otp", "mfa"} <= set(second["claims"]["amr"])


def test_max_age_is_silent_within_and_authenticates_again_beyond(
    application: Application, browser: Browser, sam: Person
) -> None:
    first = application.answered(str(signed_in(application, browser, sam).location))["claims"]
    silent = application.answered(str(visit(browser, application.ask(max_age="600")).location))["claims"]
    assert silent["auth_time"] == first["auth_time"]
    while time.time() < first["auth_time"] + 2:
        Event().wait(0.1)
    page = visit(browser, application.ask(max_age="1"))
    assert page.status == 200
    again = application.answered(str(browser.submit(page, password=sam.password).location))["claims"]
    assert again["auth_time"] > first["auth_time"]


def test_prompt_none_is_login_required_then_silent_then_interaction_required(
    application: Application, browser: Browser, alex: Person
) -> None:
    def silently(**more: str) -> object:
        page = visit(browser, application.ask(prompt="none", **more))
        return application.answered(str(page.location)).get("error")

    assert silently() == "login_required"
    signed_in(application, browser, alex)
    assert silently() is None
    assert silently(acr_values="aal2") == "interaction_required"


def test_a_pushed_request_is_answered_as_if_it_had_been_sent(
    application: Application, browser: Browser, alex: Person
) -> None:
    page = visit(browser, application.push(acr_values="aal2"))
    page = browser.follow(browser.submit(page, username=alex.name, password=alex.password))
    answer = application.answered(str(browser.submit(page, otp=alex.code()).location))
    assert answer["claims"]["acr"] == "aal2"


def test_an_essential_acr_is_met_or_refused(application: Application, browser: Browser, alex: Person) -> None:
    signed_in(application, browser, alex)
    unmet = json.dumps({"id_token": {"acr": {"essential": True, "value": "aal3"}}})
    refused = application.answered(str(visit(browser, application.ask(claims=unmet)).location))
    assert refused["error"] == "unmet_authentication_requirements"
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": ["aal2"]}}})
    page = browser.submit(visit(browser, application.ask(claims=essential)), otp=alex.code())
    assert application.answered(str(page.location))["claims"]["acr"] == "aal2"


def test_a_no_of_the_person_is_access_denied(application: Application, browser: Browser, alex: Person) -> None:
    signed_in(application, browser, alex)
    page = visit(browser, application.ask(acr_values="aal2"))
    declined = browser.post(page.url, {**page.form("csrf", "otp")["fields"], "otp": "", "decision": "decline"})
    assert application.answered(str(declined.location))["error"] == "access_denied"


def test_refresh_introspection_and_revocation(application: Application, browser: Browser, sam: Person) -> None:
    answer = application.answered(str(signed_in(application, browser, sam, scope="openid offline_access").location))
    renewed = application.refresh(answer["refresh_token"])
    told = application.introspect(renewed["access_token"])
    assert (told["active"], told["sub"], told["acr"]) == (True, sam.id, "aal1")
    application.revoke(answer["refresh_token"])
    assert application.introspect(renewed["access_token"]) == {"active": False}
    assert application.refresh(answer["refresh_token"])["error"] == "invalid_grant"


def test_an_application_registered_for_rs256_gets_its_id_token_signed_so(
    server: Running, browser: Browser, sam: Person
) -> None:
    application = OpenidClient(server.client(f"rs256-{sam.name}", id_signing="RS256"), "RS256")
    answer = application.answered(str(signed_in(application, browser, sam).location))
    application.close()
    assert answer["claims"]["sub"] == sam.id

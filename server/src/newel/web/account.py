"""/account: a person's own ways to confirm, guarded by the product's own step-up (S05)."""

from newel.domain.evidence import Authenticator
from newel.domain.method import PASSKEY, PASSWORD, RECOVERY_CODE, SECURITY_KEY, TOTP
from newel.domain.plan import authority
from newel.flows.account import Begun, begin_change, enter
from newel.flows.decide import Person
from newel.flows.known import known_person
from newel.flows.own import ENTER
from newel.flows.step import REACHES
from newel.http.browser import browser_key
from newel.http.request import Request
from newel.http.responses import Response, redirect
from newel.i18n.message import Day, Text, Words
from newel.web import notices
from newel.web.desk import Desk, Visit, visit
from newel.web.ended import own_outcome
from newel.web.house import sign_in_here, with_browser
from newel.web.views import Account, AccountWay, Frame, Icon, Link
from newel.web.words import UNNAMED

MOST_NAME = 60
ACTS = frozenset({"remove", "confirm"})


async def show_account(desk: Desk, request: Request) -> Response:
    """The list of a person's authenticators."""
    here = await visit(desk, request)
    person = await known_person(here.services, here.held.session.subject) if here.held else None
    if here.held is None or person is None:
        return await sign_in_here(here, request)
    browser, cookies = browser_key(here.services, request)
    barred = await enter(here.services, here.held, person, browser, here.locale, address=request.client_address)
    if isinstance(barred, Begun):
        return redirect(f"/i/{barred.interaction}", headers=cookies)
    if barred is not None:
        return own_outcome(here, ENTER, barred)
    return here.show(_account(with_browser(here, browser), person), headers=cookies)


async def add_way(desk: Desk, request: Request) -> Response:
    """Begin adding a way: the proof that allows it first, then the page that adds it."""
    here = await visit(desk, request)
    if here.held is None:
        return await sign_in_here(here, request)
    browser, cookies = browser_key(here.services, request)
    change = f"add:{request.path_params['method']}"
    outcome = await begin_change(here.services, here.held, browser, change, here.locale, address=request.client_address)
    if isinstance(outcome, Begun):
        return redirect(f"/i/{outcome.interaction}", headers=cookies)
    return own_outcome(here, change, outcome)


async def change_way(desk: Desk, request: Request) -> Response:
    """Rename, remove or confirm one authenticator."""
    here = await visit(desk, request)
    if not here.trusted() or request.repeated:
        return here.not_ours()
    if here.held is None or here.browser is None:
        return redirect(notices.ACCOUNT)
    act, identifier = request.form.get("act", ""), request.form.get("id", "")
    name = " ".join(request.form.get("name", "").split())[:MOST_NAME]
    if act == "rename" and name:
        change = f"rename:{identifier}:{name}"
    elif act in ACTS:
        change = f"{act}:{identifier}"
    else:
        return redirect(notices.ACCOUNT)
    outcome = await begin_change(
        here.services, here.held, here.browser, change, here.locale, address=request.client_address
    )
    if isinstance(outcome, Begun):
        return redirect(f"/i/{outcome.interaction}")
    return own_outcome(here, change, outcome)


def _account(here: Visit, person: Person) -> Account:
    ways = sorted(person.authenticators.values(), key=lambda each: each.created_at)
    reach = authority(ways, now=here.now, classes=here.services.classes)
    allowed = here.services.classes.counts_as(reach) if reach else frozenset()
    passkeys = tuple(_row(here, each, allowed) for each in ways if each.how.signs)
    others = tuple(_row(here, each, allowed) for each in ways if not each.how.signs)
    methods = {each.method for each in ways}
    return Account(
        frame=Frame(here=notices.ACCOUNT, who=person.subject.display),
        action=notices.ACCOUNT,
        csrf=here.csrf,
        passkeys=passkeys,
        others=others,
        lead=_lead(passkeys, methods),
        notice=notices.notice(here.request),
        error=notices.error(here.request),
        add_passkey="/account/add/passkey",
        add_app=None if TOTP.name in methods else "/account/add/totp",
        add_recovery=None if RECOVERY_CODE.name in methods else "/account/add/recovery_code",
    )


def _lead(passkeys: tuple[AccountWay, ...], methods: set[str]) -> Words:
    if len(passkeys) > 1:
        return Text("You have more than one passkey, so losing one device won't lock you out.")
    if passkeys or TOTP.name in methods:
        return Text("You have a second way. Add one on another device, so that losing one won't lock you out.")
    return Text("A password alone can't confirm what matters. Add a passkey: it takes a minute.")


def _row(here: Visit, each: Authenticator, allowed: frozenset[str]) -> AccountWay:
    """One row; `allowed` are the classes that the settled authenticators reach."""
    return AccountWay(
        id=each.id,
        icon=_icon(each),
        name=here.desk.renderer.wording(here.locale).say(UNNAMED[each.method]) if each.method in UNNAMED else each.name,
        more=_more(each),
        tag=Text("Synced") if each.method == PASSKEY.name and not each.device_bound else None,
        counts=_counts(each, confirmable=REACHES[each.method] in allowed),
        confirm=not each.settled and REACHES[each.method] in allowed,
        rename=each.method not in UNNAMED,
        remove=each.method != PASSWORD.name,
        replace=_replacement(each),
    )


def _icon(each: Authenticator) -> Icon:
    icons: dict[str, Icon] = {
        PASSWORD.name: "lock",
        TOTP.name: "code",
        RECOVERY_CODE.name: "paper",
        SECURITY_KEY.name: "key",
    }
    return icons.get(each.method, "laptop" if each.device_bound else "passkey")


def _more(each: Authenticator) -> Words:
    added = Day(each.created_at, year=True)
    if not each.last_used_at:
        return Text("Added %(added)s", {"added": added})
    return Text("Added %(added)s, used %(used)s", {"added": added, "used": Day(each.last_used_at)})


def _counts(each: Authenticator, *, confirmable: bool) -> Words | None:
    """What makes an unsettled authenticator count. No day is named: nobody can be told, so time settles nothing (S25)."""
    if each.settled or REACHES[each.method] == each.ceiling:
        return None
    if not confirmable:
        return Text(
            "It counts only as much as the way you added it with, and waiting doesn't change that: "
            "you have no older way of its strength to confirm it with."
        )
    return Text("It counts for less until you confirm it with an older way of at least its strength.")


def _replacement(each: Authenticator) -> Link | None:
    if each.method == RECOVERY_CODE.name:
        return Link(Text("Print new codes"), "/account/add/recovery_code")
    return Link(Text("Change"), "/account/add/password") if each.method == PASSWORD.name else None

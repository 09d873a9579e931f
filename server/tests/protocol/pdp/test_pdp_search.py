"""/access/v1/search: only what an evaluation would permit, in pages (AuthZEN section 8)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec import msgpack
from server.tests.protocol.exchange import execute
from server.tests.protocol.pdp.asking import Caller, recorded, subject
from tests.simulators.running import Person, Running

Token = Callable[..., str]
VIEW, RECORD, USER = {"name": "view"}, {"type": "record", "id": "101"}, {"type": "user"}
OWNER = {"name": "delete"}
PEOPLE = {
    "vera": {"role": "manager", "department": "Search"},
    "willi": {"role": "employee", "department": "Legal"},
    "xenia": {"role": "employee", "department": "Legal"},
}


@pytest.fixture(scope="module")
def staff(directory: Callable[[Mapping[str, Mapping[str, str]]], None], shelf: Caller) -> Caller:
    directory(PEOPLE)
    return shelf


def pages(caller: Caller, what: str, limit: int, **body: Any) -> list[list[str]]:
    """The ids or names of each page of a search."""
    found, token = [], ""
    while True:
        told = caller.search(what, **body, page={"limit": limit, **({"token": token} if token else {})})
        found.append([each.get("id") or each["name"] for each in told["results"]])
        token = told["page"]["next_token"]
        if not token:
            return found


def test_pages_hold_as_many_as_asked_and_the_last_ends_with_an_empty_token(staff: Caller) -> None:
    who = {"type": "user", "id": "vera"}
    whole = [str(number) for number in range(101, 121)]
    one_by_one = pages(staff, "resource", 1, subject=who, action=VIEW, resource={"type": "record"})
    assert one_by_one == [[each] for each in whole]
    assert pages(staff, "resource", 8, subject=who, action=VIEW, resource={"type": "record"}) == [
        whole[:8],
        whole[8:16],
        whole[16:],
    ]
    assert pages(staff, "resource", 20, subject=who, action=VIEW, resource={"type": "record"}) == [whole]
    assert pages(staff, "resource", 10**9, subject=who, action=VIEW, resource={"type": "record"}) == [whole]


def test_subjects_and_actions_come_in_pages_too(staff: Caller) -> None:
    found = pages(staff, "subject", 1, subject=USER, action=VIEW, resource=RECORD)
    assert {"vera", "willi", "xenia"} <= {each for page in found for each in page}
    assert max(map(len, found)) == 1
    who = {"type": "user", "id": "alice-of-nowhere"}
    assert pages(staff, "action", 1, subject=who, resource=RECORD) == [[]]
    owned = {**RECORD, "id": "t", "properties": {"owner": "vera", "department": "Search"}}
    told = pages(staff, "action", 1, subject={"type": "user", "id": "vera"}, resource=owned)
    assert told == [["view"], ["edit"], ["delete"]]


@pytest.mark.parametrize("what", ["subject", "resource", "action"])
def test_the_id_of_what_is_searched_for_is_ignored(staff: Caller, what: str) -> None:
    body: dict[str, Any] = {"subject": {"type": "user", "id": "vera"}, "action": VIEW, "resource": RECORD}
    if what == "action":
        expected = staff.search(what, subject=body["subject"], resource=RECORD)
        assert staff.search(what, **{**body, "action": {"name": "shred"}}) == expected
        assert staff.search(what, **{**body, "action": 5}) == expected
    else:
        expected = staff.search(what, **{**body, what: {"type": body[what]["type"]}})
        for identifier in ("nobody", "", 5, None, ["x"]):
            assert staff.search(what, **{**body, what: {**body[what], "id": identifier}}) == expected


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("subject", {"subject": {"type": "spaceship"}}),
        ("subject", {"resource": {"type": "spaceship", "id": "1"}}),
        ("subject", {"action": {"name": "launch"}}),
        ("resource", {"resource": {"type": "spaceship"}}),
        ("resource", {"resource": {"type": "newel.session"}}),
        ("resource", {"subject": {"type": "spaceship", "id": "vera"}}),
        ("resource", {"subject": {"type": "user", "id": "nobody"}}),
        ("resource", {"action": {"name": "launch"}}),
        ("action", {"resource": {"type": "spaceship", "id": "1"}}),
        ("action", {"resource": {"type": "newel.session", "id": "1"}}),
        ("action", {"subject": {"type": "user", "id": "nobody"}}),
    ],
)
def test_what_is_unknown_finds_nothing(staff: Caller, what: str, changed: dict[str, Any]) -> None:
    body = {"subject": {"type": "user", "id": "vera"}, "action": VIEW, "resource": RECORD, **changed}
    assert staff.search(what, **body) == {"results": [], "page": {"next_token": ""}}


def test_another_caller_finds_none_of_a_clients_resources(staff: Caller, stranger: Caller) -> None:
    body: dict[str, Any] = {"subject": {"type": "user", "id": "vera"}, "action": VIEW, "resource": {"type": "record"}}
    assert staff.search("resource", **body)["results"]
    assert stranger.search("resource", **body)["results"] == []


@pytest.mark.parametrize(
    ("what", "missing"),
    [
        ("subject", "subject"),
        ("subject", "action"),
        ("subject", "resource"),
        ("resource", "subject"),
        ("resource", "action"),
        ("resource", "resource"),
        ("action", "subject"),
        ("action", "resource"),
    ],
)
def test_a_missing_entity_is_400(staff: Caller, what: str, missing: str) -> None:
    body: dict[str, Any] = {"subject": {"type": "user", "id": "vera"}, "action": VIEW, "resource": RECORD}
    del body[missing]
    assert staff.post(f"/access/v1/search/{what}", body).status_code == 400


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("subject", {"resource": {"type": "record"}}),
        ("resource", {"subject": USER}),
        ("action", {"resource": {"type": "record"}}),
        ("subject", {"subject": {"id": "vera"}}),
        ("subject", {"page": 5}),
        ("subject", {"page": {"limit": 0}}),
        ("subject", {"page": {"limit": True}}),
        ("subject", {"page": {"limit": "1"}}),
        ("subject", {"page": {"token": 5}}),
        ("subject", {"page": {"token": "x"}}),
        ("subject", {"page": {"token": "\u2603"}}),
        ("subject", {"page": {"token": "A" * 64}}),
        ("subject", {"context": "x"}),
        ("subject", {"resource": {**RECORD, "properties": {"owner": 5}}}),
    ],
)
def test_what_is_wrong_is_400(staff: Caller, what: str, changed: dict[str, Any]) -> None:
    body = {"subject": {"type": "user", "id": "vera"}, "action": VIEW, "resource": RECORD, **changed}
    assert staff.post(f"/access/v1/search/{what}", body).status_code == 400


def test_a_page_token_belongs_to_its_search_and_its_caller(staff: Caller, stranger: Caller) -> None:
    body: dict[str, Any] = {"subject": USER, "action": VIEW, "resource": RECORD}
    token = staff.search("subject", **body, page={"limit": 1})["page"]["next_token"]
    again = {"page": {"next_token": token, "limit": 1}}  # as drafts of the specification call it
    assert staff.search("subject", **body, **again)["results"]
    other = {**body, "action": {"name": "edit"}}
    assert staff.post("/access/v1/search/subject", {**other, **again}).status_code == 400
    assert (
        staff.post("/access/v1/search/action", {**body, "subject": {**USER, "id": "vera"}, **again}).status_code == 400
    )
    assert stranger.post("/access/v1/search/subject", {**body, **again}).status_code == 400
    assert staff.post("/access/v1/search/subject", {**body, "page": {"token": token[:-4] + "AAAA"}}).status_code == 400


def test_a_search_counts_what_the_persons_token_proves_and_finds_no_step_up(
    bank: Caller, alex: Person, token: Token
) -> None:
    facts = {"amount": 2000, "payee_known": True, "country": "DE"}
    transfer = {"type": "bank.transfer", "id": "t-1"}
    shown = subject(alex.id, token(alex))
    without = bank.search("action", subject=subject(alex.id), resource=transfer, context=facts)["results"]
    assert without == [{"name": "peek"}]
    found = bank.search("action", subject=shown, resource=transfer, context=facts)["results"]
    assert found == [{"name": "prepare"}, {"name": "send"}, {"name": "peek"}]
    large = bank.search("action", subject=shown, resource=transfer, context={**facts, "amount": 5000})["results"]
    assert large == [{"name": "prepare"}, {"name": "peek"}]
    for who in (subject("somebody-else", shown["properties"]["access_token"]), subject(alex.id, "x.y.z")):
        assert bank.search("action", subject=who, resource=transfer, context=facts)["results"] == []


def test_a_disabled_subject_is_not_found(server: Running, staff: Caller) -> None:
    body = server.rows("SELECT body FROM subjects WHERE id = 'xenia'")[0][0]
    execute(
        server,
        "UPDATE subjects SET body = :b WHERE id = 'xenia'",
        b=msgpack.encode({**msgpack.decode(body), "disabled": True}),
    )
    found = staff.search("subject", subject=USER, action=VIEW, resource=RECORD)["results"]
    assert {"type": "user", "id": "willi"} in found
    assert {"type": "user", "id": "xenia"} not in found
    who = {"type": "user", "id": "xenia"}
    assert staff.search("action", subject=who, resource=RECORD)["results"] == []


def test_s33_a_search_leaves_a_record(server: Running, staff: Caller) -> None:
    staff.search("resource", subject={"type": "user", "id": "vera"}, action=OWNER, resource={"type": "record"})
    entry = recorded(server, "pdp.searched")[-1]
    assert entry.decision is not None
    assert (entry.body["caller"], entry.body["for"], entry.body["looked_at"], entry.body["found"]) == (
        "records",
        "resource",
        20,
        0,
    )
    assert (entry.decision.targets, entry.personal["subject"]) == (("record:delete",), "vera")

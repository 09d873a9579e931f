"""Ground: which fact each path of a request means, and what is taken of what a caller states."""

import pytest
from server.tests.unit.flows.parcels import snapshot

from newel.domain.subject import Subject
from newel.domain.value import replace
from newel.flows.facts import directory_facts
from newel.flows.ground import MOST_SUBJECTS, NOWHERE, Ground, Grounds
from newel.flows.registry import Thing
from newel.flows.stated import FactRefused


@pytest.fixture(scope="module")
def at() -> Ground:
    return Grounds().at(snapshot(), "parcel", "send")


def test_a_fact_has_its_own_path_the_contexts_and_its_fields(at: Ground) -> None:
    named = {path: fact.name for path, fact in at.meant.items()}
    assert named == {
        "ctx.weight": "ctx.weight",
        "context.weight": "ctx.weight",
        "resource.properties.weight": "ctx.weight",
        "context.express": "context.express",
        "resource.properties.zone": "resource.properties.zone",
        "resource.id": "resource.id",
    }
    assert (at.fields, at.optional) == (frozenset({"weight", "note"}), frozenset({"note"}))


def test_whatever_no_fact_and_no_field_means_is_ignored_and_counted(at: Ground) -> None:
    stated = {"context.weight": 5, "context.colour": "red", "resource.properties.note": "x", "subject.id": "sam"}
    taken = at.take(stated, registered=True)
    assert (taken.facts, taken.ignored) == ({"ctx.weight": 5}, 2)
    taken = at.take(stated, registered=False)
    assert (taken.facts, taken.ignored) == ({}, 4)


def test_two_values_for_one_fact_are_refused_and_the_same_twice_is_one(at: Ground) -> None:
    once = {"context.weight": 5, "resource.properties.weight": 5}
    assert at.take(once, registered=True).facts == {"ctx.weight": 5}
    with pytest.raises(FactRefused, match="stated twice"):
        at.take({**once, "resource.properties.weight": 6}, registered=True)


def test_a_fact_is_no_object(at: Ground) -> None:
    with pytest.raises(FactRefused, match=r"context\.express is not an object"):
        at.take({"context.express.a.b": 1}, registered=True)


def test_a_registered_property_that_does_not_fit_is_missing(at: Ground) -> None:
    assert at.of_thing(Thing("p", {"Zone": "7", "colour": "red"})) == {"resource.properties.zone": 7}
    assert at.of_thing(Thing("p", {"zone": "seven"})) == {}
    assert at.of_thing(None) == {}


def test_a_registered_resource_is_asked_for_only_where_it_could_give_a_fact(at: Ground) -> None:
    assert at.of_properties == {"ctx.weight", "resource.properties.zone"}
    assert at.unsaid({"ctx.weight": 5})
    assert not at.unsaid({"ctx.weight": 5, "resource.properties.zone": 7, "resource.id": "p"})
    assert not NOWHERE.unsaid({})


def test_a_changed_subject_has_its_own_facts(at: Ground) -> None:
    sam = Subject(id="sam", name="sam", display="Sam", person="sam", created_at=0, attributes={"team": "a"})
    assert at.of_directory(sam) == at.of_directory(sam) == directory_facts(sam, at.declared)
    moved = replace(sam, attributes={"team": "b"})
    assert at.of_directory(moved)["subject.team"] == "b"
    assert at.of_directory(sam)["subject.team"] == "a"


def test_names_are_facts_where_the_policy_says_so_and_the_caller_is_registered(at: Ground) -> None:
    named = {"resource.id": "p-1", "resource.type": "parcel", "action.name": "send"}
    assert at.of_names(named, registered=True) == {"resource.id": "p-1"}
    assert at.of_names(named, registered=False) == {}


def test_another_policy_has_other_grounds_and_the_undeclared_has_none() -> None:
    grounds, first, second = Grounds(), snapshot(), snapshot()
    found = grounds.at(first, "parcel", "send")
    assert grounds.at(first, "parcel", "send") is found
    assert grounds.at(second, "parcel", "send") is not found
    for resource, action in (("parcel", "burn"), ("letter", "send"), ("newel.scope", "openid"), ("", "")):
        assert grounds.at(first, resource, action) is NOWHERE


def test_s35_people_are_remembered_within_bounds(at: Ground) -> None:
    sam = Subject(id="sam", name="sam", display="Sam", person="sam", created_at=0)
    people = [replace(sam, id=f"s{number}") for number in range(MOST_SUBJECTS + 1)]
    for each in (*people, people[0]):
        assert at.of_directory(each) == directory_facts(each, at.declared)
    assert len(at._directory) <= MOST_SUBJECTS

"""Changes beside the rules, each with its direction."""

from server.tests.unit.policy.prove.small import TARGET, document, rule

from newel.domain.assurance import SHIPPED, Classes, EvidenceClass
from newel.domain.requirement import NOTHING, require
from newel.domain.value import replace
from newel.policy.document import Document, Grace, Resource
from newel.policy.fields import Field
from newel.policy.lang.core import TRUE
from newel.policy.prove.settings import settings

STRONG = require({"phr": 60})


def told(old: Document, new: Document) -> set[tuple[str, str]]:
    """Directions and words."""
    return {(each.direction, each.what) for each in settings(old, new)}


def with_class(**changes: EvidenceClass) -> Document:
    """The small policy with some classes changed."""
    declared = tuple(changes.get(each.name, each) for each in SHIPPED.declared)
    return replace(document(), classes=Classes(declared, SHIPPED.order))


def resource(policy: Document, changed: Resource) -> Document:
    """The policy with its resource changed."""
    return replace(policy, resources={"t": changed})


def test_a_class_that_lasts_longer_or_counts_as_more_is_weaker() -> None:
    longer = with_class(aal2=EvidenceClass("aal2", lasts=2 * 86400, idle=60, implies=("aal1",)))
    assert told(document(), longer) == {("weaker", "aal2 lasts: 1d → 2d"), ("stronger", "aal2 may idle: 1h → 1m")}
    more = with_class(recovery=EvidenceClass("recovery", lasts=86400, idle=3600, implies=("aal2",)))
    assert ("weaker", "recovery counts as aal2") in told(document(), more)
    assert ("stronger", "recovery no longer counts as aal2") in told(more, document())
    order = replace(document(), classes=Classes(SHIPPED.declared, ("aal1", "aal2")))
    assert ("weaker", "acr_order: aal3, phr, aal2, aal1 → aal1, aal2") in told(document(), order)


def test_grace_is_weaker_when_it_is_longer() -> None:
    none = document(rule("r", TRUE, STRONG))
    short = document(rule("r", TRUE, STRONG, grace=Grace(10, 1)))
    long = document(rule("r", TRUE, STRONG, grace=Grace(20, 1)))
    assert told(none, short) == {("weaker", "r may be skipped once until 1970-01-01T00:00:10Z")}
    assert told(short, long) == {("weaker", "r may be skipped once until 1970-01-01T00:00:20Z")}
    assert told(long, short) == {("stronger", "r may be skipped once until 1970-01-01T00:00:10Z")}
    assert told(short, none) == set()
    assert told(none, document()) == set()


def test_a_field_that_goes_is_no_longer_bound() -> None:
    plain = document().resources["t"]
    text = Field(kind="text", label="Text")
    one = resource(document(), replace(plain, fields={"note": text}))
    other = resource(document(), replace(plain, fields={"note": replace(text, optional=True)}))
    assert told(one, document()) == {("weaker", "t: field note is neither shown nor bound any more")}
    assert told(document(), one) == {("stronger", "t: field note is new")}
    assert told(one, other) == {("weaker", "t: field note is declared otherwise")}


def test_a_resource_that_opens_is_weaker() -> None:
    opened = resource(document(), replace(document().resources["t"], is_open=True))
    assert told(document(), opened) == {("weaker", "t is open to any action")}


def test_a_minimum_that_falls_is_weaker() -> None:
    strict, loose = document(minimum=STRONG), document(minimum=NOTHING)
    assert told(strict, loose) == {("weaker", f"{TARGET} at least: phr within 1m → nothing")}
    assert told(loose, strict) == {("stronger", f"{TARGET} at least: nothing → phr within 1m")}


def test_a_counter_of_other_targets_counts_more_or_less() -> None:
    counter = document().counters["velocity.v"]
    more = replace(document(), counters={counter.name: replace(counter, targets=(TARGET, "t:stop"))})
    assert told(document(), more) == {("stronger", "counter velocity.v counts t:stop")}
    assert told(more, document()) == {("weaker", "counter velocity.v no longer counts t:stop")}


def test_an_action_that_is_only_worded_otherwise_is_the_same() -> None:
    plain = document().resources["t"]
    worded = resource(document(), replace(plain, actions={"go": replace(plain.actions["go"], verb="leave")}))
    assert told(document(), worded) == set()

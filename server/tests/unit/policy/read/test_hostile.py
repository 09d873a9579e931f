"""Whatever a file holds, it is read or refused with located messages, in bounded time and memory."""

import os
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.outside.dice import Dice
from server.tests.unit.policy.read.base import EXAMPLE, changed, read, refused
from server.tests.unit.policy.read.cost import affordable

from newel.domain.requirement import DENY
from newel.policy.base import DecisionRequest
from newel.policy.canonical import canonical_text
from newel.policy.code import Code
from newel.policy.document import Document
from newel.policy.engine import Snapshot
from newel.policy.lang.condition import read_condition
from newel.policy.load import FactRefused
from newel.policy.message import Message, PolicyRefused, Source
from newel.policy.read import room
from newel.policy.read.document import read_document
from newel.policy.testing import run_tests

MUTANTS = 20_000 if os.environ.get("NEWEL_NIGHTLY") else 150
WHEN = "when: ctx.amount > 3000 || !ctx.payee_known\n"


def refused_soon(*texts: str) -> tuple[Message, ...]:
    """The messages of a policy that is refused in time."""
    began = time.process_time()
    messages = refused(*texts)
    assert affordable(time.process_time() - began)
    assert all(len(str(message)) < 2000 for message in messages)
    return messages


def condition(text: str) -> str:
    """The example with another condition."""
    return changed((WHEN, f"when: {text}\n"))


MANY = 100_000
WHOLE = {
    "brackets": ("newel: 1\nname: " + "[" * MANY, Code.TOO_DEEP),
    "braces": ("newel: 1\nname: " + "{a: " * MANY, Code.TOO_DEEP),
    "dashes": ("newel: 1\nname:\n" + "- " * MANY, Code.TOO_DEEP),
    "indents": ("newel: 1\n" + "".join(f"{' ' * depth}a:\n" for depth in range(1000)), Code.TOO_DEEP),
    "questions": ("newel: 1\n" + "? " * MANY, Code.TOO_DEEP),
    "ten megabytes": ("newel: 1\nname: " + "x" * 10_000_000, Code.TOO_BIG),
    "ten megabytes of lines": ("newel: 1\n" + "# a\n" * 2_500_000, Code.TOO_BIG),
    "ten megabytes of wide characters": ("newel: 1\n# " + "\U0001f600" * 2_500_000, Code.TOO_BIG),
    "a long key": ("newel: 1\n" + "k" * 1_000_000 + ": 1\n", Code.NOT_YAML),
    "a long quoted key": ("newel: 1\n'" + "k" * 1_000_000 + "': 1\n", Code.NOT_YAML),
    "many parts": ("newel: 1\nname: [" + "a," * 500_000 + "]", Code.TOO_BIG),
    "many keys": ("newel: 1\n" + "".join(f"k{number}: 1\n" for number in range(90_000)), Code.UNKNOWN_KEY),
    "laughter": ("newel: 1\na: &a [lol, lol]\n" + "".join(f"{n}: &{n} [*{m}, *{m}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True)), Code.YAML_FEATURE),
    "a tag": ("newel: !!python/object/apply:os.system ['true']\n", Code.YAML_FEATURE),
    "a directive": ("%YAML 9.9\n---\nnewel: 1\n", Code.NOT_YAML),
    "nothing": ("", Code.WRONG_SHAPE),
    "a number": ("1", Code.WRONG_SHAPE),
    "two documents": (EXAMPLE + "---\n" + EXAMPLE, Code.YAML_FEATURE),
    "nul": ("newel: 1\nname: a\0b\n", Code.BAD_CHARACTER),
    "a surrogate": ("newel: 1\nname: a\ud800b\n", Code.BAD_CHARACTER),
    "a byte order mark inside": ("newel: 1\nname: a\ufeffb\n", Code.BAD_CHARACTER),
    "an escape sequence": ("newel: 1\nname: \x1b[31mred\n", Code.BAD_CHARACTER),
    "a next line": ("newel: 1\nname: a\x85b\n", Code.BAD_CHARACTER),
    "a line separator": ("newel: 1\nname: a\u2028b\n", Code.BAD_CHARACTER),
    "right to left": (changed(("because: small", "because: \u202esmall")), Code.BAD_CHARACTER),
    "zero width": (changed(("- id: sign-in\n", "- id: sign\u200b-in\n")), Code.BAD_CHARACTER),
    "an isolate in a comment": (changed(("# Newel", "# \u2066Newel")), Code.BAD_CHARACTER),
    "a tag character": (changed(("because: small", "because: \U000e0041small")), Code.BAD_CHARACTER),
    "an escaped override": (changed(("because: small payments add up", 'because: "small \\u202e"')), Code.BAD_CHARACTER),
    "an escaped nul": (changed(("because: small payments add up", 'because: "small \\0"')), Code.BAD_CHARACTER),
    "a private character": (changed(("because: small", "because: \ue000small")), Code.BAD_CHARACTER),
    "a homoglyph": (changed(("- id: sign-in\n", "- id: s\u0456gn-in\n")), Code.NAME),
    "a carriage return": (changed(("because: small payments", "because: small\rpayments")), Code.BAD_CHARACTER),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_hostile_file_is_refused_in_time(name: str) -> None:
    text, code = WHOLE[name]
    assert code in {message.code for message in refused_soon(text)}


CONDITIONS = {
    "brackets": ("(" * MANY + "ctx.payee_known" + ")" * MANY, Code.CONDITION_SIZE),
    "some brackets": ("(" * 10_000 + "ctx.payee_known" + ")" * 10_000, Code.TOO_DEEP),
    "lists": ("ctx.amount in " + "[" * 10_000, Code.TOO_DEEP),
    "exclamations": ("'" + "!" * MANY + "ctx.payee_known'", Code.CONDITION_SIZE),
    "choices": ("'" + "ctx.payee_known ? " * MANY + "'", Code.CONDITION_SIZE),
    "parts of names": ("ctx" + ".a" * MANY, Code.CONDITION_SIZE),
    "a long name": ("a" * 1_000_000, Code.UNKNOWN_FACT),
    "a long number": ("ctx.amount > 1" + "0" * 4000, Code.LITERAL),
    "a very long number": ("ctx.amount > 1" + "0" * 1_000_000, Code.LITERAL),
    "a long text": (f"ctx.country == '{'x' * 1_000_000}' && ctx.nothing", Code.UNKNOWN_FACT),
    "an open text": ("ctx.country == '" + "\\" * 100_001, Code.SYNTAX),
    "powers": ("ctx.amount" + " * 10" * 20 + " > 0", Code.OVERFLOW),
    "a long list": (f"ctx.amount in [{'1,' * 50_000}1]", Code.CONDITION_SIZE),
    "quantifiers": ("'[1,2,3,4,5,6,7,8,9].exists(a, " * 1 + "[1,2,3,4,5,6,7,8,9].exists(b, [1,2,3,4,5,6,7,8,9].exists(c, [1,2,3,4,5,6,7,8,9].exists(d, [1,2,3,4,5,6,7,8,9].exists(e, a + b + c + d + e > 0)))))'", Code.CONDITION_SIZE),
    "hidden in a text": ("'ctx.country == \"\\u202e\" && ctx.nothing'", Code.UNKNOWN_FACT),
    "a surrogate escape": ("'ctx.country == \"\\ud800\"'", Code.LITERAL),
}  # fmt: skip


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_hostile_condition_is_refused_in_time(name: str) -> None:
    text, code = CONDITIONS[name]
    (message,) = refused_soon(condition(text))
    assert message.code == code


HEAD = "newel: 1\nname: many\nschema:\n  facts: {subject.id: string, client.ip: ip, ctx.amount: {type: int, range: [0, 1000000]}}\n  resources:\n"
RULE = "  - {{id: r{0}, on: '{1}', when: '{2}', require: {{evidence: {{aal2: {0}s}}}}}}\n"


def many(rules: int, *, on: str, when: str, resources: int = 1, actions: int = 1, lists: str = "") -> str:
    """A policy of many parts; `{0}` in a condition is the number of its rule."""
    declared = "{sensitive: false}"
    named = ", ".join(f"a{number}: {declared}" for number in range(actions))
    things = "".join(f"    t{number}: {{actions: {{{named}}}}}\n" for number in range(resources))
    given = "".join(RULE.format(number, on, when.format(number)) for number in range(rules))
    return f"{HEAD}{things}{lists}rules:\n{given}"


def test_two_thousand_rules_on_one_action() -> None:
    began = time.process_time()
    snapshot = Snapshot(read(many(2000, on="t0:a0", when='ctx.amount > {0} && subject.id != "u{0}"')))
    snapshot.compile_all()
    assert affordable(time.process_time() - began)
    asked = DecisionRequest(target="t0:a0", facts={"ctx.amount": 1500, "subject.id": "u7"})
    decision = snapshot.decide(asked)
    assert len(decision.reasons) == 1499
    assert dict(decision.requirement.evidence)["aal2"] == 0


LISTED = ", ".join(f"10.{number // 256}.{number % 256}.0/24" for number in range(9000))
WIDE = f"lists: {{wide: [{LISTED}]}}\n"
TOO_MUCH = {
    "a long list at every action": many(600, on="*", when="client.ip in $wide", actions=100, lists=WIDE),
    "many rules at every action": many(5000, on="*", when="ctx.amount > {0}", actions=1000),
    "a long list in many rules": many(5000, on="t0:a0", when="client.ip in $wide", lists=WIDE),
    "many rules": many(10_001, on="t0:a0", when="true"),
    "many actions": many(1, on="t0:a0", when="true", actions=1001),
    "many facts": HEAD.replace("{subject.id", "{" + ", ".join(f"f{number}: int" for number in range(1000)) + ", subject.id") + "    t0: {actions: [a]}\nrules: [{id: x, on: '*', require: {deny: x}}]\n",
    "many classes": many(1, on="t0:a0", when="true", lists="evidence:\n" + "".join(f"  c{number}: {{lasts: 1h, methods: [[totp]], implies: [c{number - 1}]}}\n" for number in range(1, 1200))),
    "many counters": many(1, on="t0:a0", when="true", lists="velocity:\n" + "".join(f"  c{number}: {{count: requests, by: subject.id, over: 1h, of: 't0:*'}}\n" for number in range(1001))),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_short_in_the_file_and_long_in_the_engine_is_refused(name: str) -> None:
    assert Code.TOO_BIG in {message.code for message in refused_soon(TOO_MUCH[name])}


def test_where_there_is_no_room_nothing_more_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_PARTS", 100)
    messages = refused(EXAMPLE)
    assert [message.code for message in messages] == [Code.TOO_BIG]
    assert messages[0].text == "written out for every action, the conditions have more than 100 parts"


def test_all_files_together_are_no_larger_than_one_may_be() -> None:
    texts = [f"newel: 1\n# {'x' * 1_500_000}\n"] * 2
    (message,) = refused_soon(*texts)
    assert (message.code, message.file) == (Code.TOO_BIG, "2.yaml")


LONG = f"lists: {{wide: [{', '.join('x' * 100 + str(number) for number in range(2000))}]}}\n"
PREDICATE = "subject.id in $wide"


def test_lists_are_no_larger_written_out_than_a_file_may_be() -> None:
    (message,) = refused_soon(many(20, on="t0:a0", when=PREDICATE, lists=LONG))
    first = many(0, on="t0:a0", when=PREDICATE, lists=LONG).count("\n") + 1
    assert (message.code, message.line) == (Code.TOO_BIG, first + 9)
    assert read(many(9, on="t0:a0", when=PREDICATE, lists=LONG)).rules


def test_the_lists_of_invariants_count_too() -> None:
    invariants = "".join(
        f"  - {{id: i{number}, for: 't0:a0', when: '{PREDICATE}', at_least: {{evidence: {{aal1: 1h}}}}}}\n"
        for number in range(20)
    )
    rules = many(9, on="t0:a0", when=PREDICATE, lists=LONG)
    (message,) = refused_soon(f"{rules}invariants:\n{invariants}")
    assert (message.code, message.line) == (Code.TOO_BIG, rules.count("\n") + 2)


def test_the_rules_stop_being_read_where_their_lists_have_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    conditions: list[Any] = []

    def counted(*given: Any) -> Any:
        conditions.append(given)
        return read_condition(*given)

    monkeypatch.setattr("newel.policy.read.rules.read_condition", counted)
    refused(many(500, on="t0:a0", when=PREDICATE, lists=LONG))
    assert len(conditions) == 10


def test_a_policy_is_no_larger_written_out_than_a_file_may_be() -> None:
    names = ", ".join("e" * 90 + str(number) for number in range(100))
    needs = f"entitlements: [{names}]\nlevels: {{all: {{entitle: [{names}]}}}}\n"
    text = many(300, on="t0:a0", when="true", lists=needs)
    for number in range(300):
        text = text.replace(f"require: {{evidence: {{aal2: {number}s}}}}", "require: all", 1)
    (message,) = refused_soon(text)
    assert (message.code, message.line) == (Code.TOO_BIG, HEAD.count("\n") + 1 + needs.count("\n") + 2)


def test_a_long_list_reads_again_in_its_canonical_form() -> None:
    canonical = canonical_text(read(many(1, on="t0:a0", when="client.ip in $wide", lists=WIDE)))
    assert canonical_text(read(canonical)) == canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!" * 10 + "(ctx.amount > 1)", None),
        ("!" * 20 + "(ctx.amount > 1)", Code.TOO_DEEP),
        ("(ctx.amount > 1 && (" * 8 + "ctx.amount > 3" + "))" * 8, None),
        ("ctx.amount - (" * 10 + "ctx.amount" + ")" * 10 + " > 1", None),
        ("ctx.amount > 1 || ctx.amount > 2 && (" * 20 + "ctx.amount > 3" + ")" * 20, Code.TOO_DEEP),
    ],
)
def test_what_is_read_is_read_again(text: str, code: Code | None) -> None:
    policy = many(1, on="t0:a0", when=text)
    if code is None:
        canonical = canonical_text(read(policy))
        assert canonical_text(read(canonical)) == canonical
    else:
        (message,) = refused(policy)
        assert message.code == code


def test_among_many_names_none_is_suggested() -> None:
    text = many(20, on="t0:a0", when="true", resources=3000).replace("on: 't0:a0'", "on: 'x0:a0'")
    assert {message.hint[:10] for message in refused_soon(text)} == {"declared: "}


WORDS = tuple(dict.fromkeys(re.findall(r"[\w.]+|[^\w\s]", EXAMPLE)))
STRANGE = ("\0", "\u202e", "\ud800", "\t", "\r", "'", '"', "[", "]", "{", "}", ":", "- ", "#", "&a ", "*a", "!!int ", "|\n", ">\n", "?", "%", "@", "`", "\n", "  ", "😀", "0x", "1e9", "-1", "9" * 30)  # fmt: skip


def mutants(count: int) -> Iterator[str]:
    """The example, changed in one to four places."""
    for number in range(count):
        dice = Dice(f"mutant {number}")
        text = EXAMPLE
        for _ in range(1 + dice.below(4)):
            text = _mutated(text, dice)
        yield text


def _mutated(text: str, dice: Dice) -> str:
    at = dice.below(len(text))
    match dice.below(7):
        case 0:
            return text[:at] + text[at + 1 + dice.below(8) :]
        case 1:
            return text[:at] + dice.one(STRANGE) + text[at:]
        case 2:
            return text[:at] + chr(dice.below(0x3000)) + text[at + 1 :]
        case 3 | 4:
            word = dice.one(list(re.finditer(r"[\w.]+|[^\w\s]", text)))
            return f"{text[: word.start()]}{dice.one(WORDS)}{text[word.end() :]}"
        case _:
            lines = text.split("\n")
            one, other = dice.below(len(lines)), dice.below(len(lines))
            lines[one] = lines[other] if dice.in_hundred(50) else ""
            return "\n".join(lines)


def use(document: Document) -> None:
    """Do with a policy whatever a server does."""
    snapshot = Snapshot(document)
    again = read_document([Source.of("canonical", snapshot.text)])
    assert canonical_text(again) == snapshot.text
    for target in document.targets:
        snapshot.decide(DecisionRequest(target=target, facts={}))
    run_tests(document)


def messages_of(text: str) -> tuple[Message, ...]:
    """What is said about a text, nothing where it can be used; whatever else happens fails the test."""
    try:
        use(read_document([Source.of("mutant", text)]))
    except PolicyRefused as refusal:
        return refusal.messages
    return ()


def test_a_mutant_of_the_example_is_read_or_refused() -> None:
    good = 0
    for text in mutants(MUTANTS):
        began = time.process_time()
        messages = messages_of(text)
        assert affordable(time.process_time() - began)
        good += not messages
        for message in messages:
            assert message.as_json()
            assert 1 <= message.line <= text.count("\n") + 2
            assert str(message).replace("\n", "").replace("\t", "").isprintable()
    assert MUTANTS // 20 < good < MUTANTS


@pytest.mark.parametrize(
    "tail", ["", "\n", "\nbroken", "\n  - 'broken", '\n- "broken', "\n{", "\n[a", "\n\t", "\n? ", "\n&", "\n!"]
)
def test_a_file_that_ends_too_soon_is_read_or_refused(tail: str) -> None:
    lines = EXAMPLE.split("\n")
    for text in ("newel: 1" + tail, *("\n".join(lines[:count]) + tail for count in range(0, len(lines), 9))):
        for message in messages_of(text):
            assert 1 <= message.line <= text.count("\n") + 2
            assert str(message)


SNAPSHOT = Snapshot(read(EXAMPLE))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
PATHS = sorted(SNAPSHOT.facts_at("bank.transfer:send"))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PATHS), JSON), st.sampled_from([*SNAPSHOT.document.targets, "x:y", "\0"]))
def test_facts_of_any_type_are_decided_or_refused(facts: dict[str, Any], target: str) -> None:
    decision = SNAPSHOT.decide(DecisionRequest(target=target, facts=facts))
    if any(reason.rule in {"fact-refused", "undeclared-target"} for reason in decision.reasons):
        assert decision.requirement == DENY


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["subject", "client", "ctx", "risk", "now", "device"]), JSON | st.dictionaries(st.sampled_from(["id", "ip", "score", "amount"]), JSON)))  # fmt: skip
def test_a_request_of_any_shape_is_decided_or_refused_by_name(facts: dict[str, Any]) -> None:
    try:
        SNAPSHOT.decide_nested("bank.transfer:send", facts)
        named = "ctx"
    except FactRefused as refusal:
        named = refusal.path
    assert named.partition(".")[0] in {"subject", "client", "ctx", "risk", "now", "device"}

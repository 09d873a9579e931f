"""Conditions mean what CEL says they mean, or say at which place they mean nothing."""

import pytest
from server.tests.unit.policy.lang.conditions import core_of, fault_of

from newel.policy.code import Code
from newel.policy.lang import core
from newel.policy.lang.core import Compare, Constant, Every, Negation, OneOf, Present, Read, Some, Within
from newel.policy.lang.lex import STRAIGHT

AMOUNT = Read("ctx.amount")


def test_and_binds_tighter_than_or_and_both_are_flat() -> None:
    found = core_of("ctx.known || ctx.known && ctx.amount > 3 && ctx.known || ctx.known")
    known = Read("ctx.known")
    assert found == Some((known, Every((known, Compare(">", AMOUNT, Constant(3, "int")), known)), known))


@pytest.mark.parametrize(
    ("text", "sign", "left", "right"),
    [("1 + 2 * 3 == 7", "==", "+", "*"), ("7 - 4 - 2 > 0", ">", "-", "-")],
)
def test_products_before_sums_and_left_before_right(text: str, sign: str, left: str, right: str) -> None:
    found = core_of(text)
    assert isinstance(found, Compare)
    assert isinstance(found.left, core.Arithmetic)
    assert (found.sign, found.left.sign) == (sign, left)
    inner = found.left.right if right == "*" else found.left.left
    assert isinstance(inner, core.Arithmetic)
    assert inner.sign == right


def test_a_comment_ends_with_its_line() -> None:
    assert core_of("ctx.known // a note\n && ctx.known") == Every((Read("ctx.known"), Read("ctx.known")))


def test_an_index_with_a_constant_text_is_a_part_of_the_name() -> None:
    assert core_of('ctx["known"]') == Read("ctx.known")


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r'"\x41\u0042\U00000043\104\n"', "ABCD\n"), (r"'it\'s'", "it's"), ('"ü"', "ü"), ('"\\""', '"')],
)
def test_escapes_of_strings(written: str, meant: str) -> None:
    assert core_of(f"subject.id == {written}") == Compare("==", Read("subject.id"), Constant(meant, "string"))


def test_numbers_reach_to_both_ends_of_64_bits() -> None:
    assert core_of("ctx.count == -9223372036854775808") == Compare("==", Read("ctx.count"), Constant(-(2**63), "int"))
    assert core_of("ctx.count == 0x10") == Compare("==", Read("ctx.count"), Constant(16, "int"))
    assert fault_of("ctx.count == 9223372036854775808").code == Code.LITERAL
    assert fault_of("ctx.count == 99999999999999999999").code == Code.LITERAL


def test_a_list_of_the_policy_is_written_out() -> None:
    assert core_of("subject.id in $sanctioned") == OneOf(Read("subject.id"), ("IR", "KP"))
    assert core_of("ctx.count in $codes") == OneOf(Read("ctx.count"), (1, 2))


def test_an_address_lies_within_networks_of_both_families() -> None:
    found = core_of("client.ip in $office")
    assert isinstance(found, Within)
    assert found.networks == ("10.20.0.0/16", "2001:db8:20::/48")
    assert found.ranges[0] == ((0xFFFF << 32) + (10 << 24) + (20 << 16), (0xFFFF << 32) + (10 << 24) + (21 << 16) - 1)
    assert core_of('cidr("10.20.0.0/16").containsIP(client.ip)') == Within(
        Read("client.ip"), ("10.20.0.0/16",), (found.ranges[0],)
    )


def test_no_network_of_the_sixth_version_holds_an_address_of_the_fourth() -> None:
    found = core_of('client.ip in ["::/0"]')
    assert isinstance(found, Within)
    assert found.ranges == ((0, (0xFFFF << 32) - 1), ((0xFFFF << 32) + 2**32, 2**128 - 1))


def test_exists_and_all_are_written_out_over_their_lists() -> None:
    member = core.HasMember(Read("subject.groups"), Constant("hr", "string"))
    other = core.HasMember(Read("subject.groups"), Constant("it", "string"))
    assert core_of('["hr", "it"].exists(g, g in subject.groups)') == Some((member, other))
    assert core_of('["hr", "it"].all(g, !(g in subject.groups))') == Every((Negation(member), Negation(other)))
    assert core_of("$sanctioned.exists(c, subject.id.startsWith(c))") == Some(
        (core.Affix("startsWith", Read("subject.id"), "IR"), core.Affix("startsWith", Read("subject.id"), "KP"))
    )


def test_times_and_durations() -> None:
    assert core_of('now - ctx.published < duration("1h30m")') == Compare(
        "<", core.Arithmetic("-", Read("now"), Read("ctx.published")), Constant(5400, "duration")
    )
    assert core_of('now.getHours("Europe/Berlin") < 6') == Compare(
        "<", core.Clock("getHours", Read("now"), "Europe/Berlin"), Constant(6, "int")
    )
    assert core_of('now + duration("1h") > ctx.published')
    assert core_of('duration("1h") + now == ctx.published')


@pytest.mark.parametrize(
    "text",
    [
        'has(ctx.branch) && ctx.branch == "main"',
        'has(ctx.branch) && (ctx.branch == "main" || ctx.branch.startsWith("release/"))',
        '!has(ctx.branch) || ctx.branch == "main"',
        'has(ctx.branch) ? ctx.branch == "main" : true',
        '!has(ctx.branch) ? true : ctx.branch == "main"',
        'has(ctx.branch) && has(ctx.rows) && ctx.rows > 5 && ctx.branch == "x"',
        "!(has(ctx.branch) && has(ctx.rows)) || ctx.rows > 5",
        "!(!has(ctx.branch) || !has(ctx.rows)) && ctx.rows > 5",
    ],
)  # fmt: skip
def test_what_may_be_absent_may_be_read_where_it_is_known_to_be_there(text: str) -> None:
    core_of(text)


@pytest.mark.parametrize(
    "text",
    [
        'ctx.branch == "main"',
        'ctx.branch == "main" && has(ctx.branch)',
        'has(ctx.branch) || ctx.branch == "main"',
        'has(ctx.rows) && ctx.branch == "main"',
        'has(ctx.branch) ? true : ctx.branch == "main"',
        "(has(ctx.branch) || has(ctx.rows)) && ctx.rows > 5",
        '(has(ctx.branch) && ctx.known || ctx.known) && ctx.branch == "x"',
    ],
)  # fmt: skip
def test_what_may_be_absent_is_not_read_unguarded(text: str) -> None:
    fault = fault_of(text)
    assert fault.code == Code.MAY_BE_ABSENT
    assert "has(" in fault.hint


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("ctx.amout > 3", Code.UNKNOWN_FACT, 0),
        ("ctx.amount > 1000.00", Code.NOT_AVAILABLE, 13),
        ('ctx.amount > "3"', Code.TYPES, 11),
        ("ctx.amount", Code.TYPES, 0),
        ("!ctx.amount", Code.TYPES, 1),
        ("ctx.known && ctx.amount", Code.TYPES, 13),
        ("risk.score >= 800", Code.CANNOT_CHANGE, 14),
        ('subject.plan == "gold"', Code.NEVER_A_VALUE, 16),
        ('subject.plan in ["free", "gold"]', Code.NEVER_A_VALUE, 25),
        ('subject.id < "a"', Code.TYPES, 11),
        ("subject.groups == subject.groups", Code.TYPES, 15),
        ('subject.groups == "hr"', Code.TYPES, 15),
        ("ctx.count + 1 > 2", Code.OVERFLOW, 10),
        ("-ctx.count > 2", Code.OVERFLOW, 0),
        ("ctx.amount * 10000000 > 2", Code.OVERFLOW, 11),
        ("ctx.amount * ctx.amount > 2", Code.NOT_CONSTANT, 11),
        ("ctx.amount / ctx.amount > 2", Code.NOT_CONSTANT, 13),
        ("ctx.amount / 0 > 2", Code.DIVISION, 13),
        ("ctx.count / -1 > 2", Code.OVERFLOW, 10),
        ("ctx.count % -1 > 2", Code.OVERFLOW, 10),
        ('subject.id + "x" == "y"', Code.TYPES, 11),
        ("now + now > now", Code.TYPES, 4),
        ("now > 5", Code.TYPES, 4),
        ('subject.id.matches("a+")', Code.NOT_AVAILABLE, 11),
        ("subject.id.startsWith(subject.id)", Code.NOT_CONSTANT, 11),
        ('ctx.amount.startsWith("1")', Code.TYPES, 11),
        ('subject.id.getHours("UTC") > 1', Code.TYPES, 11),
        ('now.getHours("Mars/Base") > 1', Code.ZONE, 4),
        ('now.getHours("../../etc/passwd") > 1', Code.ZONE, 4),
        ("size(subject.groups) > 1", Code.UNKNOWN_FUNCTION, 0),
        ("null == ctx.known", Code.NOT_AVAILABLE, 0),
        ("while", Code.NOT_AVAILABLE, 0),
        ("has(now)", Code.TYPES, 0),
        ("has(risk.score)", Code.CANNOT_CHANGE, 0),
        ("has(ctx.amount > 1)", Code.TYPES, 0),
        ('duration("1d") > duration("1h")', Code.LITERAL, 0),
        ('client.ip in ["10.20.0.1/16"]', Code.NETWORK, 14),
        ("client.ip in $none", Code.UNKNOWN_LIST, 13),
        ('cidr("10.0.0.0/8").containsIP(subject.id)', Code.TYPES, 30),
        ('cidr("10.0.0.0/8").containsIP()', Code.TYPES, 19),
        ("cidr(client.ip).containsIP(client.ip)", Code.NOT_CONSTANT, 0),
        ('cidr("10.0.0.0/8") == client.ip', Code.UNKNOWN_FUNCTION, 0),
        ('(ctx.known ? client.ip : client.ip) in ["10.0.0.0/8"]', Code.TYPES, 11),
        ('["a", 1].exists(x, ctx.known)', Code.TYPES, 0),
        ("[].exists(x, ctx.known)", Code.TYPES, 0),
        ("[ctx.known].exists(x, x)", Code.NOT_CONSTANT, 1),
        ("subject.groups.exists(g, ctx.known)", Code.UNKNOWN_FUNCTION, 15),
        ('["a"].exists(x.y, ctx.known)', Code.TYPES, 6),
        ('["a"].exists(now, ctx.known)', Code.TYPES, 6),
        ('["a"]', Code.TYPES, 0),
        ('"a" in ctx.amount', Code.TYPES, 7),
        ("1 in subject.groups", Code.TYPES, 0),
        ('1 in ["a"]', Code.TYPES, 6),
        ("ctx.known ? 1 : true", Code.TYPES, 10),
        ("-ctx.known == 1", Code.TYPES, 0),
        ("ctx.known = true", Code.SYNTAX, 10),
        ("ctx.known & true", Code.SYNTAX, 10),
        ("ctx.known and true", Code.SYNTAX, 10),
        ("ctx.known ||", Code.SYNTAX, 12),
        ("(ctx.known", Code.SYNTAX, 10),
        ("ctx.known)", Code.SYNTAX, 9),
        ("ctx.", Code.SYNTAX, 4),
        ("{}", Code.SYNTAX, 0),
        ('subject.id == "abc', Code.SYNTAX, 14),
        ("subject.id == '''a'''", Code.NOT_AVAILABLE, 14),
        ("subject.id == r'a'", Code.NOT_AVAILABLE, 14),
        ("subject.id == b'a'", Code.NOT_AVAILABLE, 14),
        ("subject.id == '\\q'", Code.LITERAL, 15),
        ("subject.id == '\\ud800'", Code.LITERAL, 15),
        ("12ab > 3", Code.LITERAL, 0),
        ("subject.id[0] == 'a'", Code.NOT_AVAILABLE, 10),
        ("'a'.b == 'a'", Code.NOT_AVAILABLE, 4),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_at_its_place(text: str, code: Code, column: int) -> None:
    fault = fault_of(text)
    assert (fault.code, fault.mark.line, fault.mark.column) == (code, 1, column + 2), fault.message()


def test_the_nearest_name_is_suggested() -> None:
    assert fault_of("ctx.amout > 3").hint == "did you mean 'ctx.amount'?"
    assert fault_of("zzz == 3").hint.startswith("known: client.ip")
    assert fault_of("ctx.zzzzzz == 3").hint.startswith("declared: ctx.amount")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("subject.id == \u201ceve\u201d", STRAIGHT),
        ("subject.id == \u00abeve\u00bb", STRAIGHT),
        ("subject.id == \u2018eve\u2019", STRAIGHT),
        ("subject.id == `eve`", STRAIGHT),
        ('ctx.amount > "30"', "write 30: a number stands without quotes"),
        ('"-30" < ctx.amount', "write -30: a number stands without quotes"),
        ('ctx.amount > "many"', "a number stands without quotes, a text with them"),
        ("subject.id == 30", 'write "30": a text stands in quotes'),
        ("subject.id == ctx.amount", "a number stands without quotes, a text with them"),
        ('ctx.amount in ["30"]', "write 30: a number stands without quotes"),
        ("subject.id in [30]", 'write "30": a text stands in quotes'),
        ("ctx.amount in $sanctioned", ""),
        ('ctx.known == "true"', "true and false stand without quotes"),
        ('client.ip == "10.20.0.1"', 'write fact in ["10.20.0.0/16"]'),
        ("now - ctx.published < 300", 'write duration("5m")'),
        ('now - ctx.published < "5m"', 'write duration("5m")'),
        ('now > "2026-11-24"', 'two times are compared, or how far apart: now - fact < duration("24h")'),
        ('now - ctx.published < duration("99999999h")', "at most 87660000h, ten thousand years"),
        ('now - ctx.published < duration("9999999999h")', "at most 87660000h, ten thousand years"),
        ('now - ctx.published < duration("1d")', 'write "1h30m"'),
    ],
)
def test_a_value_that_is_written_another_way_has_a_hint(text: str, hint: str) -> None:
    assert fault_of(text).hint == hint


def test_a_fault_in_a_list_points_at_the_item_and_names_the_use() -> None:
    fault = fault_of("client.ip in $bad")
    assert (fault.mark.source.name, fault.mark.line) == ("lists.yaml", 2)
    assert "used in line 2" in fault.text
    assert fault.hint == "did you mean '10.20.0.0/16'?"
    assert "guest" in fault_of("subject.plan in $plans").text


def test_a_place_in_the_second_row_of_a_block() -> None:
    fault = fault_of("ctx.known\n  && ctx.amout > 1")
    assert (fault.mark.line, fault.mark.column) == (2, 7)


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000 + "true", "!" * 100_000 + "true", "-" * 100_000 + "1 > 0", "ctx.known" + " == ctx.known" * 100,
     "1" + " + 1" * 5000 + " > 0", "a" + "[a" * 5000, "ctx.known ? " * 3000, "ctx" + ".a" * 30_000],
)  # fmt: skip
def test_no_nesting_exhausts_a_stack(text: str) -> None:
    assert fault_of(text).code in {Code.TOO_DEEP, Code.CONDITION_SIZE, Code.UNKNOWN_FACT, Code.SYNTAX}


def test_quantifiers_inside_quantifiers_stay_bounded() -> None:
    numbers = "[" + ",".join(map(str, range(60))) + "]"
    inner = "a + b + c + d >= 0"
    cube = f"{numbers}.all(a, {numbers}.all(b, {numbers}.all(c, {numbers}.all(d, {inner}))))"
    assert fault_of(cube).code == Code.CONDITION_SIZE


def test_a_long_flat_chain_is_no_nesting() -> None:
    found = core_of(" || ".join(["ctx.known"] * 900))
    assert isinstance(found, Some)
    assert len(found.items) == 900


def test_has_is_the_presence_of_a_fact() -> None:
    assert core_of("has(ctx.branch)") == Present("ctx.branch")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("now - ctx.published < 5", Code.TYPES, "cannot compare"),
        ('now.getHours("a long zone") == 1', Code.ZONE, "unknown time zone"),
        (f'now.getHours("{"A" * 65}") == 1', Code.ZONE, "unknown time zone"),
        ('now.getHours("Europe/Bérlin") == 1', Code.ZONE, "unknown time zone"),
        ("(ctx.known ? client.ip : client.ip) in $office", Code.TYPES, "a choice between"),
        ('client.ip in ["::ffff:0:0/96"]', Code.NETWORK, "is not a network"),
        ("[1, 2].exists(x, subject.id.startsWith(x))", Code.NOT_CONSTANT, "takes one constant text"),
        (" && ".join(["true"] * 20_100), Code.CONDITION_SIZE, "parts in one condition"),
    ],
)  # fmt: skip
def test_corners_of_meaning_are_told(text: str, code: Code, says: str) -> None:
    """What is rarely written is refused in words too."""
    fault = fault_of(text)
    assert (fault.code, says in fault.text) == (code, True), fault.text

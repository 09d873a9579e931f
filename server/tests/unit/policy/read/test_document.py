"""What a policy file means: defaults, names, fallback and grace, built-in targets, and where faults are said."""

import json

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, changed, pointed, read, refused, rule_of, warned
from server.tests.unit.policy.read.schema_cases import READ

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import NOTHING, SESSION, Approval, SessionTerms, require
from newel.policy.canonical import canonical_text
from newel.policy.code import Code
from newel.policy.document import Grace
from newel.policy.facts import MOST
from newel.policy.lang import core
from newel.policy.message import MOST as MOST_MESSAGES
from newel.policy.read.document import read_policy

LAST = "  - id: account-change\n    on: news.account:*\n    require: {evidence: {aal1: 10m}}\n"


def with_rule(*lines: str) -> str:
    """The example with one rule more."""
    return changed((LAST, LAST + "".join(f"    {line}\n" for line in lines).replace("    ", "  - ", 1)))


def test_the_example_is_read_without_a_warning() -> None:
    document = read(EXAMPLE)
    assert (len(document.rules), len(document.invariants), len(document.tests)) == (30, 5, 6)
    assert warned(EXAMPLE) == ()


def test_no_file_is_no_policy() -> None:
    with pytest.raises(ValueError, match="at least one file"):
        read_policy([])


def test_no_stays_text() -> None:
    document = read(changed(("[IR, KP, SY, CU]", "[NO, on, 1e3, ~]")))
    condition = rule_of(document, "transfer-sanctions").conditions["bank.transfer"]
    assert condition == core.OneOf(core.Read("ctx.country"), ("1e3", "NO", "on", "~"))


def test_json_is_read_as_the_yaml_that_it_means() -> None:
    text = canonical_text(read(EXAMPLE))
    assert canonical_text(read(json.dumps(json.loads(text), indent=2))) == text


def test_a_fact_that_is_left_out_has_its_defaults() -> None:
    document = read(
        changed(
            (
                "    subject.id:      string\n",
                "    subject.id: string\n    a: {type: int}\n    b: {type: string, optional: false}\n",
            )
        )
    )
    assert (document.facts["a"].low, document.facts["a"].high, document.facts["a"].origin) == (
        -MOST - 1,
        MOST,
        "server",
    )
    assert not document.facts["b"].optional


def test_an_absent_value_may_be_of_every_kind_that_has_one() -> None:
    text = changed(("    subject.id:      string\n", """    subject.id:      string
    a: {type: timestamp, absent: 2026-11-24T12:00:00+01:00}
    b: {type: duration, absent: 1d1h}
    c: {type: string, absent: unknown}
    d: {enum: [x, y], absent: y}
    e: {type: int, absent: -5}
"""))  # fmt: skip
    facts = read(text).facts
    assert [facts[name].absent for name in "abcde"] == [1_795_518_000, 90_000, "unknown", "y", -5]


def test_resources_are_worded_for_people() -> None:
    document = read(
        changed(
            (
                "      actions: [change_email, cancel]",
                "      label: Your account\n      actions: {change_email: {verb: Change the address}, cancel: {}}",
            )
        )
    )
    account, repo = document.resources["news.account"], document.resources["code.repo"]
    assert (account.label, repo.label) == ("Your account", "Repo")
    assert [action.verb for action in account.actions.values()] == ["Change the address", "Cancel"]
    assert repo.actions["add_deploy_key"].verb == "Add deploy key"
    assert document.resources["bank.transfer"].fields["payee"].label == "Payee"


def test_a_field_may_be_labelled_free_and_optional() -> None:
    document = read(changed(("{text: 140, optional: true}", "{text: 140, optional: true, free: true, label: Message}")))
    field = document.resources["bank.transfer"].fields["reference"]
    assert (field.label, field.free, field.optional, field.most) == ("Message", True, True, 140)


def test_reading_is_not_sensitive_unless_its_declaration_says_so() -> None:
    document = read(changed(("actions: [change_email, cancel]", "actions: [read, cancel]")))
    actions = document.resources["news.account"].actions
    assert (actions["read"].sensitive, actions["read"].minimum) == (False, NOTHING)
    assert (actions["cancel"].sensitive, actions["cancel"].minimum) == (True, require({"aal1": SESSION}))


def test_an_action_that_is_not_sensitive_only_warns_below_its_minimum() -> None:
    text, line, column = pointed(
        changed((READ, READ.replace("read", "¶read").replace("false", "false, minimum: signed-in")))
    )
    (warning,) = warned(text)
    assert (warning.code, warning.line, warning.column) == (Code.BELOW_MINIMUM, line, column)


ANY = "  - id: account-change\n    on: news.account:*\n    require: {evidence: {aal1: 10m}}\n"


@pytest.mark.parametrize(
    "weaker",
    [
        ANY + "    mode: observe\n",
        ANY + '    when: subject.plan == "free"\n',
        ANY + "    unless: device.managed\n",
        ANY + "    fallback: {when: cannot_meet, require: {session: {max_life: 1h}}}\n",
        ANY.replace("*", "change_email"),
    ],
    ids=["observed", "when", "unless", "fallback", "another action"],
)  # fmt: skip
def test_what_may_be_spared_is_no_minimum(weaker: str) -> None:
    assert Code.BELOW_MINIMUM in {message.code for message in refused(changed((ANY, weaker)))}


def test_a_fallback_that_meets_the_minimum_is_one() -> None:
    document = read(changed((ANY, ANY + "    fallback: {when: cannot_meet, require: signed-in}\n")))
    assert rule_of(document, "account-change").fallback == require({"aal1": SESSION})


@pytest.mark.parametrize("until", ["2027-01-01T00:00:00Z", "2027-01-01", "'2027-01-01'", "2027-01-01T01:00:00+01:00"])
def test_grace_at_sign_in_ends_where_a_day_begins_in_utc_or_at_a_time_and_has_one_canonical_form(until: str) -> None:
    text = with_rule("id: x", "on: newel.session:sign_in", "require: second", f"grace: {{until: {until}, skips: 3}}")
    document = read(text)
    assert rule_of(document, "x").grace == Grace(1_798_761_600, 3)
    assert '"grace":{"skips":"3","until":"2027-01-01T00:00:00Z"}' in canonical_text(document)


@pytest.mark.parametrize(
    "condition",
    [
        "device.trusted && device.managed",
        "device.trusted || !device.managed",
        "!(!device.trusted || device.managed) && true",
    ],
)
def test_a_trusted_device_may_spare_a_prompt_at_sign_in(condition: str) -> None:
    canonical = canonical_text(
        read(with_rule("id: x", "on: newel.session:sign_in", f"unless: '{condition}'", "require: second"))
    )
    assert canonical_text(read(canonical)) == canonical


@pytest.mark.parametrize(
    ("target", "condition"),
    [
        ("newel.session:sign_in", "device.trusted"),
        ("newel.scope:payments.api", ""),
        ("newel.scope:*", ""),
        ("newel.console:keys", "client.ip in $office"),
        ("newel.account:*", ""),
        ("newel.gateway:GET", 'http.host == "a" && http.path.startsWith("/b")'),
    ],
)
def test_built_in_targets(target: str, condition: str) -> None:
    lines = ["id: x", f"on: {target}", "require: second", *([f"unless: '{condition}'"] if condition else [])]
    assert rule_of(read(with_rule(*lines)), "x").targets == {target}


def test_a_target_is_meant_once() -> None:
    text = with_rule(
        "id: x", "on: [bank.transfer:send, 'bank.transfer:*', 'bank.transfer:[send, prepare]']", "require: second"
    )
    assert rule_of(read(text), "x").targets == {"bank.transfer:send", "bank.transfer:prepare"}


def test_a_requirement_with_every_part() -> None:
    text = with_rule(
        "id: x",
        "on: bank.transfer:*",
        "require: {evidence: {aal2: 5m}, bind: {aal2: [amount], phr: [payee]}, forbid: [otp], entitle: [news.early], "
        "approve: {treasury: 2, hr-lead: {number: 1, evidence: {phr: 5m}}}, meter: {articles: 2}, "
        "session: {max_life: 1h, key_bound: true, notify: [subject]}}",
    )
    assert rule_of(read(text), "x").require == require(
        {"aal2": 300},
        bind={"aal2": frozenset({"amount"}), "phr": frozenset({"payee"})},
        forbid=["otp"],
        entitle=["news.early"],
        approve=[
            Approval("treasury", 2, frozenset({"aal2"}), 900),
            Approval("hr-lead", 1, frozenset({"phr"}), 300),
        ],
        meter={"articles": 2},
        session=SessionTerms(3600, key_bound=True, notify=frozenset({"subject"})),
    )


def test_when_and_unless_are_one_condition() -> None:
    text = with_rule(
        "id: x", "on: 'hr.salary:*'", "when: device.managed", "unless: '!device.managed'", "require: second"
    )
    managed = core.Read("device.managed")
    assert rule_of(read(text), "x").conditions == {"hr.salary": core.Every((managed, managed))}


def test_a_condition_that_is_always_true_is_none() -> None:
    text = with_rule("id: x", "on: 'hr.salary:*'", "when: 'true'", "require: second")
    assert rule_of(read(text), "x").conditions == {"hr.salary": core.TRUE}


def test_a_named_strength_is_reached_by_its_combinations_and_lasts_no_longer_than_what_it_counts_as() -> None:
    text = changed(
        (
            "  aal3: {implies: [phr], lasts: 12h, idle: 15m}",
            "  badge: {implies: [aal1], lasts: 8h, methods: [[totp, password], [security_key], [security_key]]}",
        )
    )
    classes = read(text).classes
    badge = classes.by_name["badge"]
    assert (badge.lasts, badge.idle, badge.combinations) == (28_800, 28_800, (("password", "totp"), ("security_key",)))
    assert classes.counts_as("badge") == {"badge", "aal1"}


def test_without_evidence_the_classes_are_as_shipped_and_what_is_shipped_yields_to_what_is_written() -> None:
    start, end = EXAMPLE.index("evidence:   "), EXAMPLE.index("levels:")
    assert read(EXAMPLE[:start] + EXAMPLE[end:]).classes.by_name == SHIPPED.by_name
    shorter = read(EXAMPLE[:start] + "evidence:\n  aal1: {lasts: 1h}\n" + EXAMPLE[end:]).classes
    assert {each.lasts for each in shorter.declared} == {3600}
    assert shorter.order == SHIPPED.order


def test_a_shipped_class_that_is_declared_anew_idles_no_longer_than_shipped_unless_it_says_so() -> None:
    start, end = EXAMPLE.index("evidence:   "), EXAMPLE.index("levels:")
    for written, idle in (("", 3600), (", lasts: 30m", 1800), (", idle: 2h", 7200)):
        again = f"evidence:\n  aal2: {{implies: [aal1]{written}}}\n"
        assert read(EXAMPLE[:start] + again + EXAMPLE[end:]).classes.by_name["aal2"].idle == idle, written


COUNTED = 'transfer_24h: {sum: ctx.amount, by: subject.id, over: 24h, of: "bank.transfer:send"}'


@pytest.mark.parametrize(
    ("counter", "kind", "high"),
    [
        (COUNTED, "sum", 10**15),
        (COUNTED.replace("24h,", "24h, range: [0, 5000000],"), "sum", 5_000_000),
        (COUNTED.replace("sum: ctx.amount", "count: requests, range: [0, 5000000]"), "count", 5_000_000),
        (COUNTED.replace("sum: ctx.amount", "distinct: ctx.country, range: [0, 5000000]"), "distinct", 5_000_000),
    ],
)
def test_counters(counter: str, kind: str, high: int) -> None:
    document = read(changed((COUNTED, counter)))
    found = document.counters["velocity.transfer_24h"]
    assert (found.kind, found.high, found.targets, found.by, found.over) == (
        kind,
        high,
        ("bank.transfer:send",),
        "subject.id",
        86_400,
    )
    assert document.facts_at("bank.transfer:prepare")["velocity.transfer_24h"].high == high
    assert "velocity.transfer_24h" not in document.facts_at("hr.salary:export")


@pytest.mark.parametrize(
    "counter",
    [
        "a: {sum: ctx.rows, by: subject.id, over: 1h, of: 'hr.salary:export'}",
        "a: {count: requests, by: ctx.branch, over: 1h, of: 'code.repo:push'}",
    ],
)
def test_what_may_be_absent_is_neither_summed_nor_a_key(counter: str) -> None:
    text = changed(
        ("ctx.rows:         {type: int,", "ctx.rows:         {type: int, optional: true,"),
        ("ctx.rows > 50", "has(ctx.rows) && ctx.rows > 50"),
        (COUNTED, f"{COUNTED}\n  {counter}"),
    )
    assert [message.code for message in refused(text)] == [Code.COUNTER]


def test_a_count_has_a_million_where_it_names_no_range() -> None:
    text = changed(
        (
            COUNTED,
            COUNTED
            + "\n  sent: {count: requests, by: client.ip, over: 1h, of: 'bank.transfer:*'}\n  payees: {distinct: ctx.country, by: subject.id, over: 1h, of: 'bank.transfer:send'}",
        )
    )
    counters = read(text).counters
    assert [counters[name].high for name in ("velocity.sent", "velocity.payees")] == [1_000_000, 1_000_000]


def test_up_to_twenty_faults_are_told_at_once() -> None:
    rules = "".join(f"  - {{id: r{number}, on: 'news.account:*', require: none{number}}}\n" for number in range(30))
    messages = refused(changed((LAST, LAST + rules)))
    assert len(messages) == MOST_MESSAGES == 20
    assert [message.code for message in messages] == [Code.UNKNOWN_LEVEL] * 20


def test_one_run_tells_the_faults_of_rules_invariants_and_tests() -> None:
    text = changed(
        ("    require: signed-in", "    require: signed-inn"),
        ("at_least: {deny: any}", "at_least: {denied: any}"),
        ("ctx.payee_known: true, ctx.country: DE,", "ctx.payee_known: yes, ctx.county: DE,"),
    )
    codes = [message.code for message in refused(text)]
    assert codes == [Code.UNKNOWN_LEVEL, Code.UNKNOWN_KEY, Code.FACT, Code.UNKNOWN_FACT]


def test_messages_are_in_the_order_of_the_file() -> None:
    messages = refused(
        changed(
            ("client.id:       string", "client.id:       strin"),
            ("aal1: {lasts: 30d}", "aal1: {lasts: 30}"),
            ("ctx.branch:       {type: string", "ctx.branch:       {type: strng"),
        )
    )
    assert [message.line for message in messages] == sorted(message.line for message in messages)
    assert [message.code for message in messages] == [Code.FACT, Code.FACT, Code.DURATION]


def test_a_faulty_field_is_one_fault_and_not_one_more_for_each_fact_that_it_gives() -> None:
    messages = refused(changed(("payee: {account: true}", "payee: {acount: true}")))
    assert [message.code for message in messages] == [Code.UNKNOWN_KEY]


def test_faulty_parts_of_an_action_do_not_hide_the_others() -> None:
    text = changed(
        ("actions: [change_email, cancel]", "actions: {change_email: {minimum: x}, cancel: {minimum: y}}"),
        ("  sudo: ", "  sudo-2: []\n  sudo: "),
    )
    assert [message.text for message in refused(text)] == [
        "unknown level 'x'",
        "unknown level 'y'",
        "level 'sudo-2' is a mapping",
    ]


def test_a_fault_in_an_item_of_a_list_points_at_the_item_and_mentions_its_use() -> None:
    text, line, column = pointed(changed(("2001:db8:20::/48", "10.20.0.1/16"), ('"10.20.0.1/16"', '¶"10.20.0.1/16"')))
    use = text[: text.index("client.ip in $office")].count("\n") + 1
    (message,) = refused(text)
    assert (message.code, message.line, message.column) == (Code.NETWORK, line, column)
    assert message.text == f"'10.20.0.1/16' is not a network (used in line {use})"


@pytest.mark.parametrize(
    "condition",
    [
        "ctx.amount > 3000 || !¶ctx.payee_know",
        "'ctx.amount > 3000 || !¶ctx.payee_know'",
        "'ctx.country == ''DE'' || !¶ctx.payee_know'",
        '"ctx.country == \\"DE\\" || !¶ctx.payee_know"',
        "\"ctx.country == '\\u00fc' || \\x21¶ctx.payee_know\"",
        "\"ctx.country == '\\U0001F600' || !¶ctx.payee_know\"",
        "|\n      ctx.amount > 3000\n        || !¶ctx.payee_know",
        "|-\n\n      ctx.amount > 3000 // ü\n        || !¶ctx.payee_know",
    ],
)
def test_a_fault_in_a_condition_is_said_at_its_place_however_it_is_quoted(condition: str) -> None:
    text, line, column = pointed(changed(("when: ctx.amount > 3000 || !ctx.payee_known\n", f"when: {condition}\n")))
    (message,) = refused(text)
    assert (message.code, message.line, message.column) == (Code.UNKNOWN_FACT, line, column)
    assert message.hint == "did you mean 'ctx.payee_known'?"


@pytest.mark.parametrize(
    "condition", [">\n      ctx.amount\n      > 3000", "ctx.amount\n      > 3000", '"ctx.amount\n      > 3000"']
)
def test_a_condition_is_written_on_one_line_or_as_a_block(condition: str) -> None:
    (message,) = refused(changed(("when: ctx.amount > 3000 || !ctx.payee_known\n", f"when: {condition}\n")))
    assert message.code == Code.CONDITION_LAYOUT

"""`newel policy check`, `test` and `explain` on files and folders, for people and for programs."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, PATH, changed, read
from server.tests.unit.policy.read.schema_cases import READ

from newel.policy.canonical import canonical_text, version_of
from newel.policy.source import MOST_BYTES

Newel = Callable[..., Any]
VERSION = version_of(canonical_text(read(EXAMPLE)))
CALM = ("risk.score=5", "risk.level=low", "risk.looks_like=owner", "now=2026-11-24T12:00:00Z")
SEND = ("bank.transfer:send", "ctx.amount=2000", "ctx.payee_known=true", "ctx.country=DE", *CALM)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def written(text: str) -> str:
        path = tmp_path / "policy.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


File = Callable[[str], str]


def test_the_example_in_the_documentation_can_be_used_and_its_tests_pass(newel: Newel) -> None:
    checked = newel("policy", "check", str(PATH))
    assert (checked.code, checked.err) == (0, "")
    assert "acme-production can be used: 30 rules, 15 targets, 5 invariants, 6 tests." in checked.out
    assert f"version {VERSION}" in checked.out
    assert "note: no risk engine is switched on" in checked.out
    tested = newel("policy", "test", str(PATH))
    assert (tested.code, tested.out, tested.err) == (0, "6 of 6 tests pass.\n", "")


def test_check_for_programs(newel: Newel) -> None:
    found = newel("policy", "check", str(PATH), "--json").json
    assert (found["holds"], found["name"], found["version"], found["messages"]) == (
        True,
        "acme-production",
        VERSION,
        [],
    )
    assert len(found["notes"]) == 1


def test_a_policy_that_reads_no_risk_has_no_note(newel: Newel, file: File) -> None:
    text = "newel: 1\nname: a\nschema:\n  facts: {now: timestamp}\n  resources: {a.b: {actions: [c]}}\nrules: [{id: x, on: 'a.b:c', require: {evidence: {aal1: 5m}}}]\n"
    done = newel("policy", "check", file(text))
    assert done.out.startswith("a can be used: 1 rule, 2 targets, 0 invariants, 0 tests.\nversion ")
    assert "note" not in done.out


def test_a_grace_that_ended_is_told_by_check_and_by_explain(newel: Newel, file: File) -> None:
    soon = "  - id: soon\n    on: newel.session:sign_in\n    require: {evidence: {phr: 5m}}\n"
    path = file(changed(("\ninvariants:", f"{soon}    grace: {{until: 2026-01-20, skips: 3}}\n\ninvariants:")))
    ended = "ended at 2026-01-20T00:00:00Z, nothing may be skipped any more"
    line = Path(path).read_text(encoding="utf-8").split("- id: soon")[0].count("\n") + 1
    assert f"note: the grace of soon {ended} ({path}:{line})\n" in newel("policy", "check", path).out
    asked = ("newel.session:sign_in", "subject.plan=free", *CALM)
    done = newel("policy", "explain", path, *asked)
    assert f"    grace     {ended}\n" in done.out
    assert "skipped that may be" not in done.out
    before = newel("policy", "explain", path, *asked[:-1], "now=2026-01-19T12:00:00Z", "--json").json
    assert (before["skipped"], before["rules"][-1]["grace_ended"]) == ({"evidence": {"aal1": "session"}}, False)


def test_a_refusal_for_another_reason_than_expected_is_told_with_both(newel: Newel, file: File) -> None:
    path = file(changed(("expect: {deny: sanctioned-country}", "expect: {deny: whatever}")))
    done = newel("policy", "test", path)
    assert done.code == 1
    assert "    expected  refused as whatever\n    found     refused as sanctioned-country\n" in done.out
    (failed,) = [each for each in newel("policy", "test", path, "--json").json["tests"] if not each["passed"]]
    assert (failed["expected"], failed["found"]) == ({"deny": "whatever"}, {"deny": "sanctioned-country"})


def test_a_fault_is_printed_with_its_place_its_line_and_a_hint(newel: Newel, file: File) -> None:
    path = file(changed(("ctx.amount > 3000 ||", "ctx.amout > 3000 ||")))
    done = newel("policy", "check", path)
    assert (done.code, done.out) == (2, "")
    line = EXAMPLE[: EXAMPLE.index("ctx.amount > 3000 ||")].count("\n") + 1
    assert f"{path}:{line}:11: unknown fact 'ctx.amout' [NP105]" in done.err
    assert (
        "    |     when: ctx.amout > 3000 || !ctx.payee_known\n    |           ^\n    = did you mean 'ctx.amount'?"
        in done.err
    )
    assert done.err.endswith("1 fault\n")


@pytest.mark.parametrize("command", [("check",), ("test",), ("explain", "bank.transfer:send")])
def test_every_command_says_every_fault_for_programs(newel: Newel, file: File, command: tuple[str, ...]) -> None:
    path = file(changed(("ctx.amount > 3000 ||", "ctx.amout > 3000 ||"), ("require: sudo", "require: pseudo")))
    done = newel("policy", command[0], path, *command[1:], "--json")
    assert done.code == 2
    assert not done.json["holds"]
    assert [message["code"] for message in done.json["messages"]] == ["NP105", "NP302"]
    assert {"file", "line", "column", "message", "hint"} <= set(done.json["messages"][0])
    assert done.err == "newel: 2 faults\n"


def test_a_warning_is_printed_and_the_policy_can_be_used(newel: Newel, file: File) -> None:
    path = file(changed((READ, READ.replace("false", "false, minimum: signed-in"))))
    done = newel("policy", "check", path)
    assert done.code == 0
    assert done.err.startswith(f"warning: {path}:")
    assert "can come out below its minimum" in done.err
    assert newel("policy", "check", path, "--json").json["messages"][0]["code"] == "NP308"


def test_a_folder_is_one_policy_of_its_files_in_order(newel: Newel, tmp_path: Path) -> None:
    at = EXAMPLE.index("rules:\n"), EXAMPLE.index("invariants:")
    (tmp_path / "1-schema.yaml").write_text(EXAMPLE[: at[0]], encoding="utf-8")
    (tmp_path / "2-rules.yml").write_text("newel: 1\n" + EXAMPLE[at[0] : at[1]], encoding="utf-8")
    (tmp_path / "3-tests.json").write_text('{"newel": 1}', encoding="utf-8")
    (tmp_path / "README.md").write_text("Not a policy.", encoding="utf-8")
    (tmp_path / "4.yaml").mkdir()
    assert "30 rules" in newel("policy", "check", str(tmp_path)).out
    (tmp_path / "5.yaml").write_text("newel: 1\nrules: [{id: sign-in, on: '*', require: second}]\n", encoding="utf-8")
    done = newel("policy", "check", str(tmp_path))
    assert f"{tmp_path / '5.yaml'}:2:9: rule 'sign-in' is already defined in {tmp_path / '2-rules.yml'}:4" in done.err


def test_what_cannot_be_read_is_said(newel: Newel, tmp_path: Path) -> None:
    missing = newel("policy", "check", str(tmp_path / "none.yaml"))
    assert (missing.code, missing.err) == (
        2,
        f"newel: {tmp_path / 'none.yaml'} cannot be read: No such file or directory\n",
    )
    assert "holds no .yaml, .yml, .json file" in newel("policy", "check", str(tmp_path)).err
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"newel: 1\n\xff")
    assert newel("policy", "check", str(binary)).err == f"newel: {binary} is not UTF-8: byte 9 is wrong\n"
    with binary.open("wb") as large:
        large.truncate(10_000_000)
    done = newel("policy", "check", str(binary))
    assert (done.code, done.err) == (2, f"newel: {binary} has 10000000 bytes; a policy has at most {MOST_BYTES}\n")


def test_a_test_that_fails_says_what_was_expected_and_found_and_why(newel: Newel, file: File) -> None:
    path = file(
        changed(
            ("expect: {evidence: {aal1: session}}", "expect: {evidence: {aal2: session}}"),
            ("ctx.payee_known: true, ctx.country: KP, ", "ctx.payee_known: true, "),
        )
    )
    done = newel("policy", "test", path)
    assert done.code == 1
    first = EXAMPLE[: EXAMPLE.index("- name: small transfer")].count("\n") + 1
    assert (
        f"{path}:{first}: small transfer to a known payee\n    expected  aal2 in this session\n    found     aal1 in this session\n    by        transfer-any\n"
        in done.out
    )
    assert "    'ask' does not give ctx.country, which a rule reads\n" in done.out
    assert done.out.endswith("4 of 6 tests pass.\n")
    found = newel("policy", "test", path, "--json").json
    assert (found["holds"], [test["passed"] for test in found["tests"]]) == (
        False,
        [False, True, True, False, True, True],
    )
    assert found["tests"][0] == {
        "name": "small transfer to a known payee",
        "file": path,
        "line": first,
        "passed": False,
        "target": "bank.transfer:send",
        "expected": {"evidence": {"aal1": "session", "aal2": "session"}},
        "found": {"evidence": {"aal1": "session"}},
        "rules": ["transfer-any"],
        "missing": [],
    }


def test_a_test_at_which_no_rule_matches_says_so(newel: Newel, file: File) -> None:
    path = file(
        changed(
            (
                "    ask: {resource: news.article, action: read, subject.plan: free, ctx.section: news",
                "    ask: {resource: news.article, action: read, subject.plan: staff, ctx.section: news",
            )
        )
    )
    assert "    found     nothing\n    by        no rule\n" in newel("policy", "test", path).out


def test_explain_says_which_rules_ask_and_what_would_be_without_each(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), *SEND[:1], "ctx.amount=3500", *SEND[2:], "subject.groups=a,b")
    assert done.code == 0
    assert done.out.startswith("bank.transfer:send demands aal2 within 5m, amount and payee bound to aal2.\n")
    line = EXAMPLE[: EXAMPLE.index("- id: transfer-send-bound")].count("\n") + 1
    assert (
        f"\ntransfer-send-bound  {PATH}:{line}\n    matches\n"
        "    because   payment law asks for amount and payee in the authentication\n"
        "    when      (ctx.amount > 3000) || (!ctx.payee_known)\n"
        "    ctx.amount = 3500\n    ctx.payee_known = true\n"
        "    demands   aal2 within 5m, amount and payee bound to aal2\n    without   the same\n"
    ) in done.out
    assert "transfer-large" not in done.out
    assert "transfer-large" in newel("policy", "explain", str(PATH), *SEND, "--all").out


def test_explain_says_for_want_of_which_fact_a_rule_counts(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), "bank.transfer:prepare", "ctx.amount=1", *CALM)
    assert (
        '    counts as a match, because ctx.country is not there\n    because   sanctioned-country\n    when      ctx.country in ["CU", "IR", "KP", "SY"]\n    ctx.country = (absent)\n    demands   refused\n    without   aal1 in this session\n'
        in done.out
    )


def test_explain_shows_what_is_only_observed_and_what_it_would_come_to(newel: Newel, file: File) -> None:
    done = newel("policy", "explain", str(PATH), "news.article:read", "subject.plan=free", "ctx.section=archive", "ctx.published=2026-11-24T11:30:00Z", *CALM)  # fmt: skip
    line = EXAMPLE[: EXAMPLE.index("- id: news-early")].count("\n") + 1
    assert f"news-early  {PATH}:{line} (observed only)\n" in done.out
    assert "without" not in done.out.partition("news-early")[2]
    where = "on: bank.transfer:send\n    mode: observe\n    require:"
    rules = (
        f"  - id: less\n    {where} signed-in\n  - id: more\n    when: ctx.amount > 5\n    {where} {{deny: a trial}}\n"
    )
    watched = file(changed(("\ninvariants:", f"{rules}\ninvariants:")))
    done = newel("policy", "explain", watched, *SEND)
    assert done.out.startswith("bank.transfer:send demands aal1 in this session.\n")
    assert "\n    demands   aal1 in this session, were it enforced\n    with it   the same\n" in done.out
    assert "\n    demands   refused, were it enforced\n    with it   refused\n" in done.out
    quiet = newel("policy", "explain", watched, SEND[0], "ctx.amount=3", *SEND[2:], "--all").out
    assert "    ctx.amount = 3\n    demands   refused, were it enforced\n" in quiet
    assert "with it" not in quiet.partition("\nmore  ")[2]
    rules_of = {each["id"]: each for each in newel("policy", "explain", watched, *SEND, "--json").json["rules"]}
    assert (rules_of["more"]["enforced"], rules_of["more"]["when"]) == ({"deny": "denied"}, "ctx.amount > 5")
    assert (rules_of["less"]["enforced"], rules_of["less"]["when"]) == ({"evidence": {"aal1": "session"}}, "")


def test_explain_shows_the_condition_with_the_values_of_lists_as_far_as_a_line_holds_it(
    newel: Newel, file: File
) -> None:
    done = newel("policy", "explain", str(PATH), *SEND, "--all")
    assert '\n    when      ctx.country in ["CU", "IR", "KP", "SY"]\n    ctx.country = DE\n' in done.out
    long = ", ".join(f"C{number}" for number in range(90))
    done = newel("policy", "explain", file(changed(("[IR, KP, SY, CU]", f"[{long}]"))), *SEND, "--all")
    (cut,) = (line for line in done.out.splitlines() if "ctx.country in" in line)
    assert (len(cut), cut[-2:]) == (14 + 200 + 2, " …")


def test_explain_says_which_values_nobody_stated(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), *SEND, "--all")
    assert "    device.managed = false (not stated)\n" in done.out
    assert "    velocity.transfer_24h = 2000 (this request alone)\n" in done.out
    assert "    ctx.amount = 2000\n" in done.out
    done = newel("policy", "explain", str(PATH), *SEND, "velocity.transfer_24h=7", "device.managed=false", "--all")
    assert "    velocity.transfer_24h = 7\n" in done.out
    assert "    device.managed = false\n" in done.out


def test_explain_says_what_no_policy_lowers(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), "newel.console:keys", "subject.plan=free", *CALM)
    assert "demands phr within 5m.\nWhatever a policy says, it demands phr within 5m.\n" in done.out
    coming = newel("policy", "explain", str(PATH), "newel.account:open", "subject.plan=free", *CALM)
    assert coming.out == "newel.account:open demands nothing.\nNo rule matches.\n"
    done = newel("policy", "explain", str(PATH), "newel.account:remove", "subject.plan=free", *CALM)
    assert (
        "Whatever a policy says, it demands for a change of credentials the strongest class that a person's "
        in done.out
    )
    assert "Whatever" not in newel("policy", "explain", str(PATH), *SEND).out


def test_explain_says_what_a_rule_takes_instead_and_how_it_may_be_skipped(newel: Newel, file: File) -> None:
    rule = "on: newel.session:sign_in\n    require: {evidence: {phr: 5m}}\n"
    less = "    grace: {until: 2026-12-20, skips: 3}\n  - id: hard\n    on: newel.session:sign_in\n    require: {evidence: {aal2: 5m}}\n    fallback: {when: cannot_meet, require: second}\n"
    end = "\ninvariants:"
    path = file(changed((end, f"  - id: soon\n    {rule}{less}{end}")))
    asked = ("policy", "explain", path, "newel.session:sign_in", "subject.plan=free", *CALM)
    done = newel(*asked)
    assert done.out.startswith(
        "newel.session:sign_in demands phr within 5m.\nWhere all is skipped that may be: aal2 within 5m.\n\n"
    )
    assert "    demands   phr within 5m\n    grace     may be skipped 3 times until 2026-12-20T00:00:00Z\n" in done.out
    assert "    demands   aal2 within 5m\n    fallback  aal2 in this session, where that cannot be met\n" in done.out
    found = newel(*asked, "--json").json
    assert found["skipped"] == {"evidence": {"aal1": "300s", "aal2": "300s"}}
    assert found["fallback"] == found["requirement"]
    rules = {each["id"]: (each["fallback"], each["grace"]) for each in found["rules"]}
    assert rules["soon"] == (None, {"until": "2026-12-20T00:00:00Z", "skips": "3"})
    assert rules["hard"] == ({"evidence": {"aal1": "session", "aal2": "session"}}, None)
    assert rules["sign-in"] == (None, None)
    path = file(changed((end, f"  - id: hard\n    {rule}    fallback: {{when: cannot_meet, require: second}}\n{end}")))
    done = newel("policy", "explain", path, *asked[3:])
    assert "demands phr within 5m.\nWhere that cannot be met: aal2 in this session.\n\n" in done.out
    plain = newel("policy", "explain", path, *SEND, "--json").json
    assert (plain["fallback"], plain["skipped"]) == (None, None)


def test_explain_takes_an_empty_set(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), "hr.salary:view_other", "subject.groups=", *CALM, "subject.plan=free")
    assert "salary-other-who" in done.out
    assert "    subject.groups = []\n" in done.out


def test_explain_where_no_rule_matches(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), "newel.scope:profile", "subject.plan=free", *CALM)
    assert done.out == "newel.scope:profile demands nothing.\nNo rule matches.\n"


def test_explain_for_programs(newel: Newel) -> None:
    found = newel("policy", "explain", str(PATH), *SEND, "--json").json
    assert (found["target"], found["requirement"]) == ("bank.transfer:send", {"evidence": {"aal1": "session"}})
    rules = {rule["id"]: rule for rule in found["rules"]}
    assert (rules["transfer-any"]["verdict"], rules["transfer-any"]["without"]) == ("matches", {})
    assert rules["transfer-night"]["facts"] == {
        "ctx.amount": "2000",
        "device.managed": "false",
        "now": "2026-11-24T12:00:00Z",
    }
    assert json.dumps(found)
    absent = newel("policy", "explain", str(PATH), "bank.transfer:prepare", *CALM, "--json").json
    sanctions = next(rule for rule in absent["rules"] if rule["id"] == "transfer-sanctions")
    assert (sanctions["verdict"], sanctions["missing"], sanctions["facts"]) == (
        "fails",
        "ctx.country",
        {"ctx.country": None},
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bank.transfer:sent",), "there is no target 'bank.transfer:sent'; did you mean 'bank.transfer:send'?"),
        (("bank.transfer:send", "ctx.amont=5"), "there is no fact 'ctx.amont' at bank.transfer:send; did you mean 'ctx.amount'?"),
        (("bank.transfer:send", "ctx.amount"), "'ctx.amount' states nothing: write FACT=VALUE"),
        (("bank.transfer:send", "ctx.amount=lots"), "ctx.amount=lots: ctx.amount is a whole number, not 'lots'"),
        (("bank.transfer:send", "risk.level=hi"), "risk.level=hi: 'hi' is never a value of 'risk.level'; did you mean 'high'?"),
        (("bank.transfer:send", "ctx.amount=5", "ctx.amount=6"), "ctx.amount is stated twice"),
        (("bank.transfer:send", "subject.id="), "subject.id=: subject.id is empty"),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_is_refused(newel: Newel, arguments: tuple[str, ...], words: str) -> None:
    done = newel("policy", "explain", str(PATH), *arguments)
    assert (done.code, done.out, done.err) == (2, "", f"newel: {words}\n")


@pytest.mark.parametrize("command", [("check",), ("test",), ("fmt",), ("explain", "bank.transfer:send")])
def test_a_refusal_is_said_to_programs_too(newel: Newel, tmp_path: Path, command: tuple[str, ...]) -> None:
    missing = str(tmp_path / "none.yaml")
    done = newel("policy", command[0], missing, *command[1:], "--json")
    assert (done.code, done.json) == (2, {"error": f"{missing} cannot be read: No such file or directory"})
    assert done.err == f"newel: {done.json['error']}\n"


def test_a_target_that_is_not_there_is_said_to_programs_too(newel: Newel) -> None:
    done = newel("policy", "explain", str(PATH), "bank.transfer:sent", "--json")
    assert (done.code, list(done.json)) == (2, ["error"])


def test_a_pipe_that_nobody_writes_to_is_refused(newel: Newel, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    done = newel("policy", "check", str(tmp_path / "pipe.yaml"))
    assert done.code == 2
    assert done.err == f"newel: {tmp_path / 'pipe.yaml'} is no regular file; standard input is written -\n"


def test_what_another_command_prints_is_read_as_it_comes(newel: Newel) -> None:
    reader, writer = os.pipe()
    os.write(
        writer,
        b"newel: 1\nname: a\nschema: {facts: {now: timestamp}, resources: {a.b: {actions: [c]}}}\nrules: [{id: x, on: 'a.b:c', require: {evidence: {aal1: 5m}}}]\n",
    )
    os.close(writer)
    assert newel("policy", "check", f"/dev/fd/{reader}").out.startswith("a can be used")
    os.close(reader)


def test_standard_input_is_neither_written_nor_watched(newel: Newel) -> None:
    assert newel("policy", "fmt", "-").code == 2
    assert newel("policy", "watch", "-").code == 2

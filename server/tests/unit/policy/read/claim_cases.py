"""What is wrong with invariants and tests, and with the file as a whole."""

from server.tests.unit.policy.read.base import Case

from newel.policy.code import Code
from newel.policy.facts import END_OF_TIME

NAMES = "a letter, then letters, digits and . _ -"
AT_MOST = "    at_most: {meter: {articles: 1}}\n"
INVARIANTS = (
    Case(
        AT_MOST,
        f"{AT_MOST}  - ¶{{id: x, for: '*'}}\n",
        Code.INVARIANT,
        "an invariant says 'at_least', 'at_most' or both",
    ),
    Case(AT_MOST, f"{AT_MOST}  - ¶{{id: x, at_most: second}}\n", Code.MISSING_KEY, "an invariant needs 'for'"),
    Case(
        AT_MOST,
        f"{AT_MOST}  - {{id: x, for: '*', ¶at_lest: second}}\n",
        Code.UNKNOWN_KEY,
        "unknown key 'at_lest' in an invariant",
        "did you mean 'at_least'?",
    ),
    Case(
        AT_MOST,
        f"{AT_MOST}  - ¶{{id: nobody-outside-hr, for: '*', at_most: second}}\n",
        Code.TWICE,
        "invariant 'nobody-outside-hr' is already defined",
    ),
    Case(
        AT_MOST,
        f"{AT_MOST}  - {{id: ¶a b, for: '*', at_most: second}}\n",
        Code.NAME,
        "'a b' is not a name for an invariant",
        NAMES,
    ),
    Case(
        AT_MOST,
        f"{AT_MOST}  - {{id: x, for: 'code.repo:*', at_most: ¶wysiwys}}\n",
        Code.UNKNOWN_FIELD,
        "'code.repo' has no field 'amount' to bind",
        "fields: repository",
    ),
    Case(
        AT_MOST,
        f"{AT_MOST}  - {{id: x, for: ¶'code.repos:*', at_most: second}}\n",
        Code.UNKNOWN_TARGET,
        "unknown resource 'code.repos'",
        "did you mean 'code.repo'?",
    ),
    Case(
        AT_MOST,
        f"{AT_MOST}  - {{id: x, for: 'code.repo:*', when: 'ctx.¶rows > 1', at_most: second}}\n".replace(
            "ctx.¶", "¶ctx."
        ),
        Code.UNKNOWN_FACT,
        "unknown fact 'ctx.rows'",
        "it is a fact of 'hr.salary', and can be read there only",
    ),
    Case(
        AT_MOST,
        f"{AT_MOST}  - {{id: x, for: 'code.repo:*', when: '¶ctx.none > 1', at_most: second}}\n",
        Code.UNKNOWN_FACT,
        "unknown fact 'ctx.none'",
        "declared: ctx.branch, ctx.visibility",
    ),
)
"""What is wrong with an invariant."""

ASK = "ask: {resource: news.account, action: cancel, "
TESTS = (
    Case(
        ASK,
        "ask: {resource: ¶news.acount, action: cancel, ",
        Code.UNKNOWN_TARGET,
        "unknown resource 'news.acount'",
        "did you mean 'news.account'?",
    ),
    Case(
        ASK,
        "ask: {resource: news.account, action: ¶cancle, ",
        Code.UNKNOWN_TARGET,
        "'news.account' has no action 'cancle'",
        "did you mean 'cancel'?",
    ),
    Case(ASK, "ask: {resource: newel.scope, action: ¶'*', ", Code.UNKNOWN_TARGET, "'newel.scope' has no action '*'"),
    Case(ASK, "ask: ¶{resource: news.account, ", Code.MISSING_KEY, "ask needs 'action'"),
    Case(
        ASK,
        ASK + "¶ctx.amount: 1, ",
        Code.UNKNOWN_FACT,
        "unknown fact 'ctx.amount'",
        "it is a fact of 'bank.transfer', and can be read there only",
    ),
    Case(
        ASK,
        ASK + "¶zzz: 1, ",
        Code.UNKNOWN_FACT,
        "unknown fact 'zzz'",
        "declared: client.id, client.ip, device.managed, device.trusted, now, risk.level, risk.looks_like, risk.score, …",
    ),
    Case(ASK, ASK + "subject.groups: ¶hr, ", Code.WRONG_SHAPE, "subject.groups is a list"),
    Case(ASK, ASK + "risk.score: ¶101, ", Code.NUMBER, "risk.score lies between 0 and 100, not 101"),
    Case(
        ASK,
        ASK + "risk.level: ¶mid, ",
        Code.NEVER_A_VALUE,
        "'mid' is never a value of 'risk.level'",
        "values: critical, high, low, medium, unknown",
    ),
    Case(ASK, ASK + "client.ip: ¶10.0.0, ", Code.FACT, "'10.0.0' is not an address for 'client.ip'"),
    Case(ASK, ASK + "device.managed: ¶1, ", Code.FACT, "'device.managed' is true or false, not '1'"),
    Case(
        "subject.plan: free, now: 2026-11-24T12:00:00Z",
        "subject.plan: free, now: ¶noon",
        Code.TEST,
        "'noon' is not a time for now",
        "write 2026-11-24T12:00:00Z",
    ),
    Case(
        "subject.plan: free, now: 2026-11-24T12:00:00Z",
        "subject.plan: free, now: ¶1969-12-31T23:59:59Z",
        Code.NUMBER,
        f"'now' lies between 0 and {END_OF_TIME} seconds",
    ),
    Case(
        "expect: {deny: sanctioned-country}",
        "expect: ¶refused",
        Code.UNKNOWN_LEVEL,
        "unknown level 'refused'",
        "levels: second, signed-in, sudo, wysiwys",
    ),
    Case("- name: sanctioned", f"- name: ¶{'x' * 201}", Code.WRONG_SHAPE, "name has at most 200 characters"),
    Case(
        "  - name: sanctioned\n",
        "  - {name: ¶a}\n  - name: sanctioned\n".replace("{name: ¶a", "¶{name: a"),
        Code.MISSING_KEY,
        "a test needs 'ask'",
    ),
)
"""What is wrong with a test."""

WHOLE = (
    Case("newel: 1\n", "¶", Code.FORMAT, "this is not a policy: its first line is 'newel: 1'"),
    Case("newel: 1\n", "¶newel: [1]\n", Code.FORMAT, "this is not a policy: its first line is 'newel: 1'"),
    Case("newel: 1\n", "newel: ¶2\n", Code.FORMAT, "format '2' is not read here", "this server reads 1"),
    Case(
        "name: acme-production",
        "name: ¶acme production",
        Code.NAME,
        "'acme production' is not a name for a policy",
        NAMES,
    ),
    Case(
        "velocity:",
        "¶velocities:",
        Code.UNKNOWN_KEY,
        "unknown key 'velocities' in a policy",
        "did you mean 'velocity'?",
    ),
    Case("newel: 1\nname: acme-production\n", "¶newel: 1\n", Code.MISSING_KEY, "a policy needs 'name'"),
    Case(
        "schema:\n", "schema:\n  ¶fact: {}\n", Code.UNKNOWN_KEY, "unknown key 'fact' in schema", "did you mean 'facts'?"
    ),
    Case("levels: ", "¶schema: {}\nlevels: ", Code.TWICE, "'schema' appears twice; the first is in line 5"),
)
"""What is wrong with the file as a whole."""

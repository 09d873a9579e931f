"""What is wrong with rules, and where they speak."""

from server.tests.unit.policy.read.base import Case

from newel.policy.code import Code

NAMES = "a letter, then letters, digits and . _ -"
KEYS = "keys: because, fallback, grace, id, mode, on, require, unless, …"
SIGN_IN = "  - id: sign-in\n    on: newel.session:sign_in\n    require: signed-in"
ALONE = "a level stands alone, such as 'require: second'"
STAFF = '    when: subject.plan == "staff"\n    unless: device.trusted\n'
TRUSTED = "'device.trusted' is read only in 'unless' of rules on newel.session:sign_in"
SPARES = "a trusted device spares a prompt; it is no evidence"
LAST = "  - id: account-change\n    on: news.account:*\n    require: {evidence: {aal1: 10m}}"


def _last(new: str, code: Code, text: str, hint: str = "") -> Case:
    return Case(LAST, LAST.replace("on: news.account:*", new), code, text, hint)


def _more(new: str, code: Code, text: str, hint: str = "") -> Case:
    return Case(LAST, f"{LAST}\n{new}", code, text, hint)


TARGETS = (
    _last("on: ¶news.acount:*", Code.UNKNOWN_TARGET, "unknown resource 'news.acount'", "did you mean 'news.account'?"),
    _last("on: ¶news.account", Code.UNKNOWN_TARGET, "'news.account' names no action", "write 'news.account:*' for all"),
    _last(
        "on: ¶news.account:cancle",
        Code.UNKNOWN_TARGET,
        "'news.account' has no action 'cancle'",
        "did you mean 'cancel'?",
    ),
    _last(
        "on: ¶news.account:[cancel, change_mail]",
        Code.UNKNOWN_TARGET,
        "'news.account' has no action 'change_mail'",
        "did you mean 'change_email'?",
    ),
    _last(
        "on: ¶newel.session:sign_out",
        Code.UNKNOWN_TARGET,
        "'newel.session' has no action 'sign_out'",
        "did you mean 'sign_in'?",
    ),
    _last("on: ¶'newel.scope:a b'", Code.UNKNOWN_TARGET, "'newel.scope' has no action 'a b'"),
    _last("on: ¶'newel.scope:'", Code.UNKNOWN_TARGET, "'newel.scope' has no action ''"),
    _last("on: ¶newel.scope:prüfung", Code.UNKNOWN_TARGET, "'newel.scope' has no action 'prüfung'"),
    _last(
        "on: ¶newel.account:removed",
        Code.UNKNOWN_TARGET,
        "'newel.account' has no action 'removed'",
        "did you mean 'remove'?",
    ),
    _last(
        "on: ¶newel.console:[keys, polices]",
        Code.UNKNOWN_TARGET,
        "'newel.console' has no action 'polices'",
        "did you mean 'policy'?",
    ),
    _last("on: ¶newel.gateway:get", Code.UNKNOWN_TARGET, "'newel.gateway' has no action 'get'", "did you mean 'GET'?"),
    _last("on: ¶[]", Code.WRONG_SHAPE, "on is empty"),
    _last("on: ¶{a: b}", Code.WRONG_SHAPE, "on is a list"),
    _last("on: [¶[news.account:*]]", Code.WRONG_SHAPE, "a target is a text"),
)
"""What is wrong with a target."""

RULES = (
    _more("  - ¶account-change", Code.WRONG_SHAPE, "a rule is a mapping"),
    _more("  - ¶{id: x, on: '*'}", Code.MISSING_KEY, "a rule needs 'require'"),
    _more(
        "  - {¶wen: a, id: x, on: '*', require: second}",
        Code.UNKNOWN_KEY,
        "unknown key 'wen' in a rule",
        "did you mean 'when'?",
    ),
    _more(
        "  - {¶colour: a, id: x, on: '*', require: second}", Code.UNKNOWN_KEY, "unknown key 'colour' in a rule", KEYS
    ),
    _more("  - {id: ¶a b, on: '*', require: second}", Code.NAME, "'a b' is not a name for a rule", NAMES),
    _more("  - ¶{id: sign-in, on: '*', require: second}", Code.TWICE, "rule 'sign-in' is already defined in 1.yaml:72"),
    _more(
        "  - {id: x, on: '*', require: ¶secnd}", Code.UNKNOWN_LEVEL, "unknown level 'secnd'", "did you mean 'second'?"
    ),
    _more("  - {id: x, on: '*', require: ¶[second]}", Code.WRONG_SHAPE, "a requirement is a mapping", ALONE),
    _more("  - {id: x, on: '*', require: ¶[]}", Code.WRONG_SHAPE, "a requirement is a mapping"),
    _more(
        "  - {id: x, on: '*', require: {¶level: second}}",
        Code.UNKNOWN_KEY,
        "a level is not a part of a requirement",
        ALONE,
    ),
    _more(
        "  - {id: x, on: '*', require: {evidence: ¶second}}",
        Code.WRONG_SHAPE,
        "evidence is a mapping",
        ALONE,
    ),
    _more(
        "  - {id: x, on: '*', require: ¶}",
        Code.REQUIREMENT,
        "this requirement is empty",
        "name a level: second, signed-in, sudo, wysiwys; or write {evidence: {aal2: 15m}}",
    ),
    _more(
        "  - {id: x, on: '*', when: ¶ctx.amount > 1, require: second}",
        Code.UNKNOWN_FACT,
        "unknown fact 'ctx.amount'",
        "it is a fact of 'bank.transfer', and can be read there only",
    ),
    _more(
        "  - {id: x, on: 'code.repo:*', unless: ¶ctx.amount > 1, require: second}",
        Code.UNKNOWN_FACT,
        "unknown fact 'ctx.amount'",
        "it is a fact of 'bank.transfer', and can be read there only",
    ),
    _more(
        "  - {id: x, on: '*', require: {¶deni: no}}",
        Code.UNKNOWN_KEY,
        "unknown key 'deni' in a requirement",
        "did you mean 'deny'?",
    ),
    _more(
        "  - {id: x, on: '*', mode: ¶audit, require: second}",
        Code.RULE,
        "unknown mode 'audit'",
        "known: enforce, observe",
    ),
    _more(
        f"  - {{id: x, on: '*', because: ¶{'x' * 501}, require: second}}",
        Code.WRONG_SHAPE,
        "because has at most 500 characters",
    ),
    _more("  - {id: x, on: '*', when: ¶[a], require: second}", Code.WRONG_SHAPE, "when is a text"),
    _more("  - {id: x, on: '*', unless: ¶'', require: second}", Code.WRONG_SHAPE, "unless is empty"),
    _more(
        "  - {id: x, on: '*', require: ¶wysiwys}",
        Code.UNKNOWN_FIELD,
        "fields cannot be bound at every target: it has none",
    ),
    _more(
        "  - {id: x, on: 'newel.gateway:GET', require: ¶wysiwys}",
        Code.UNKNOWN_FIELD,
        "fields cannot be bound at a guarded host: it has none",
    ),
    _more(
        "  - {id: x, on: 'news.account:*', require: ¶wysiwys}",
        Code.UNKNOWN_FIELD,
        "'news.account' has no field 'amount' to bind",
        "it declares none",
    ),
    _more(
        "  - {id: x, on: 'hr.salary:export', require: ¶wysiwys}",
        Code.UNKNOWN_FIELD,
        "'hr.salary' has no field 'amount' to bind",
        "fields: rows",
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', require: ¶{evidence: {aal2: 5m}, bind: [amount, iban]}}",
        Code.UNKNOWN_FIELD,
        "'bank.transfer' has no field 'iban' to bind",
        "fields: amount, payee, reference",
    ),
)
"""What is wrong with a rule."""

UNSEEN = "'ctx.payee_known', which no field gives: it would refuse every elevation"
FIELD = "add 'field:' to the fact, or make it optional"
FALLBACK = "{when: cannot_meet, require: second}"
SPECIAL = (
    _more(
        "  - {id: x, on: 'bank.transfer:*', fallback: ¶second, require: second}",
        Code.WRONG_SHAPE,
        "a fallback is a mapping",
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', fallback: ¶{require: second}, require: second}",
        Code.MISSING_KEY,
        "a fallback needs 'when'",
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', fallback: {when: ¶lost, require: second}, require: second}",
        Code.RULE,
        "unknown occasion of a fallback 'lost'",
        "known: cannot_meet",
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', fallback: {when: cannot_meet, require: ¶third}, require: second}",
        Code.UNKNOWN_LEVEL,
        "unknown level 'third'",
        "levels: second, signed-in, sudo, wysiwys",
    ),
    _more(
        "  - {id: x, on: 'news.account:*', fallback: {when: cannot_meet, require: ¶wysiwys}, require: second}",
        Code.UNKNOWN_FIELD,
        "'news.account' has no field 'amount' to bind",
        "it declares none",
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', grace: ¶{until: 2027-01-01T00:00:00Z, skips: 3}, require: second}",
        Code.RULE,
        "grace exists only on newel.session:sign_in: a step-up is never skipped",
    ),
    Case(SIGN_IN, f"{SIGN_IN}\n    grace: ¶{{until: 2027-01-01T00:00:00Z}}", Code.MISSING_KEY, "grace needs 'skips'"),
    *(
        Case(
            SIGN_IN,
            f"{SIGN_IN}\n    grace: {{until: ¶{wrong}, skips: 3}}",
            Code.RULE,
            f"'{wrong}' is neither a date nor a time for until",
            "write 2026-12-20, the start of that day in UTC, or 2026-12-20T08:00:00Z",
        )
        for wrong in ("2027-02-30", "2027-1-1", "2027-01-01T08:00", "2027-01-01Z", "christmas", "0000-01-01")
    ),
    Case(
        SIGN_IN,
        f"{SIGN_IN}\n    grace: {{until: 2027-01-01T00:00:00Z, skips: ¶0}}",
        Code.NUMBER,
        "skips lies between 1 and 1000, not 0",
    ),
    Case(STAFF, "    when: ¶device.trusted\n", Code.TRUSTED_DEVICE, TRUSTED, SPARES),
    Case(STAFF, "    unless: ¶'!device.trusted'\n", Code.TRUSTED_DEVICE, TRUSTED, SPARES),
    Case(STAFF, "    when: ¶'!(!device.trusted)'\n", Code.TRUSTED_DEVICE, TRUSTED, SPARES),
    Case(STAFF, "    unless: ¶'!device.trusted && device.managed'\n", Code.TRUSTED_DEVICE, TRUSTED, SPARES),
    Case(STAFF, "    unless: ¶device.managed || device.trusted != true\n", Code.TRUSTED_DEVICE, TRUSTED, SPARES),
    Case(STAFF, '    when: ¶subject.plan == "staff" || !device.trusted\n', Code.TRUSTED_DEVICE, TRUSTED, SPARES),
    _more(
        "  - {id: x, on: 'news.account:*', unless: ¶device.trusted, require: second}",
        Code.TRUSTED_DEVICE,
        TRUSTED,
        SPARES,
    ),
    _more(
        "  - {id: x, on: ['newel.session:sign_in', 'news.account:*'], unless: ¶device.trusted, require: second}",
        Code.TRUSTED_DEVICE,
        TRUSTED,
        SPARES,
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', when: ¶'!ctx.payee_known', require: {deny: no}}",
        Code.DENY_WITHOUT_FIELD,
        f"a refusal reads {UNSEEN}",
        FIELD,
    ),
    _more(
        "  - {id: x, on: 'bank.transfer:*', unless: ¶ctx.payee_known, require: {deny: no}}",
        Code.DENY_WITHOUT_FIELD,
        f"a refusal reads {UNSEEN}",
        FIELD,
    ),
)
"""Fallback, grace, trusted devices, refusals."""

LOWER = "can come out below its minimum: no rule without a condition demands it"
ADD = "add a rule for it without 'when' and 'unless', or say 'sensitive: false'"
CANCEL = "actions: [change_email, cancel]"
MINIMUM = (
    Case(
        CANCEL,
        "actions: {change_email: {}, ¶cancel: {minimum: second}}",
        Code.BELOW_MINIMUM,
        f"news.account:cancel {LOWER}",
        ADD,
    ),
    Case(
        CANCEL,
        "actions: {change_email: {}, ¶cancel: {minimum: {evidence: {aal1: 5m}}}}",
        Code.BELOW_MINIMUM,
        f"news.account:cancel {LOWER}",
        ADD,
    ),
)
"""Actions that can come out below their minimum."""

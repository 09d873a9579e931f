"""What is wrong in what rules stand on: classes, counters, levels, lists, pools, meters, entitlements."""

from server.tests.unit.policy.read.base import Case

from newel.policy.code import Code
from newel.policy.facts import MOST

DOTTED = "lower-case letters, digits and _, in parts joined by dots"
NAMES = "a letter, then letters, digits and . _ -"
WRITE = "write 90s, 5m, 12h, 1h30m or 30d"
MOST_DAYS = "at most 999999d"
AAL2 = "  aal2: {implies: [aal1], lasts: 24h, idle: 1h}"
ORDER = "acr_order: [aal3, phr, aal2, aal1]"
OWN = "shipped: aal1, aal2, phr, aal3, recovery; or methods: [[password, totp]]"
CLASSES = (
    Case(AAL2, f"  ¶a b: {{lasts: 1h}}\n{AAL2}", Code.NAME, "'a b' is not a name for a class", NAMES),
    Case(AAL2, f"  own: ¶[totp]\n{AAL2}", Code.WRONG_SHAPE, "class 'own' is a mapping"),
    Case(
        AAL2,
        f"  own: {{¶last: 1h}}\n{AAL2}",
        Code.UNKNOWN_KEY,
        "unknown key 'last' in class 'own'",
        "did you mean 'lasts'?",
    ),
    Case(AAL2, f"  ¶own: {{methods: [[totp]]}}\n{AAL2}", Code.MISSING_KEY, "class 'own' needs 'lasts'"),
    Case(AAL2, f"  ¶own: {{lasts: 1h}}\n{AAL2}", Code.CLASS, "nothing reaches 'own': say by which methods", OWN),
    Case(
        AAL2,
        f"{AAL2[:-1]}, methods: ¶[[totp]]}}",
        Code.CLASS,
        "'aal2' is reached as shipped; a strength of your own has a name of its own",
    ),
    Case(
        AAL2,
        "  ¶aal2: {lasts: 24h, idle: 1h}",
        Code.CLASS,
        "'aal2' is shipped as counting as aal1, and would count as nothing else here",
        "write 'implies: [aal1]'",
    ),
    Case(
        AAL2,
        f"  ¶recovery: {{}}\n{AAL2}",
        Code.CLASS,
        "'recovery' is shipped as counting as aal1, and would count as nothing else here",
        "write 'implies: [aal1]'",
    ),
    Case(AAL2, "  aal2: {lasts: ¶0s}", Code.DURATION, "'lasts' lies between 1s and 400d"),
    Case(AAL2, "  aal2: {idle: ¶401d}", Code.DURATION, "'idle' lies between 1s and 400d"),
    Case(AAL2, "  aal2: {lasts: ¶1000000d}", Code.DURATION, "'1000000d' is too long a duration for lasts", MOST_DAYS),
    Case(AAL2, "  aal2: {lasts: ¶1 day}", Code.DURATION, "'1 day' is not a duration for lasts", WRITE),
    Case(AAL2, "  aal2: {lasts: ¶1dx}", Code.DURATION, "'1dx' is not a duration for lasts", WRITE),
    Case(
        AAL2,
        f"  own: {{lasts: 1h, methods: [[pasword], [¶pasword]]}}\n{AAL2}".replace("[pasword], ", ""),
        Code.CLASS,
        "unknown method 'pasword'",
        "did you mean 'password'?",
    ),
    Case(
        AAL2,
        f"  own: {{lasts: 1h, methods: [[totp, ¶totp]]}}\n{AAL2}",
        Code.TWICE,
        "'totp' appears twice in a combination of methods",
    ),
    Case(AAL2, f"  own: {{lasts: 1h, methods: ¶[]}}\n{AAL2}", Code.WRONG_SHAPE, "methods is empty"),
    Case(
        AAL2,
        "  ¶aal2: {implies: [all1]}",
        Code.UNKNOWN_CLASS,
        "class 'aal2' implies 'all1', which is not declared",
        "did you mean 'aal1'?",
    ),
    Case(AAL2, "  ¶aal2: {implies: [phr]}", Code.CLASS, "classes imply each other in a circle: aal2 → phr → aal2"),
    Case(
        AAL2,
        "  ¶aal2: {implies: [aal1], lasts: 31d, idle: 1h}",
        Code.CLASS,
        "class 'aal2' lasts longer than one it counts as",
    ),
    Case(
        "  aal3: {implies: [phr], lasts: 12h, idle: 15m}",
        "  ¶aal3: {implies: [phr], lasts: 12h, idle: 2h}",
        Code.CLASS,
        "class 'aal3' idles longer than one it counts as",
    ),
    Case(ORDER, "acr_order: [aal3, ¶aal4]", Code.UNKNOWN_CLASS, "unknown class 'aal4'", "did you mean 'aal3'?"),
    Case(ORDER, "acr_order: [aal3, aal2, ¶phr, aal1]", Code.CLASS, "'phr' counts as 'aal2', so it stands before it"),
    Case(ORDER, "acr_order: ¶aal1", Code.WRONG_SHAPE, "acr_order is a list"),
)
"""What is wrong with a class of evidence."""

DAY = 'transfer_24h: {sum: ctx.amount, by: subject.id, over: 24h, of: "bank.transfer:send"}'
OF = 'by: subject.id, over: 24h, of: "bank.transfer:send"}'
KEY = "cannot be a key: a key is a text or an address that is always there"


def _day(old: str, new: str, code: Code, text: str, hint: str = "") -> Case:
    """One change inside the day's counter."""
    return Case(DAY, DAY.replace(old, new), code, text, hint)


COUNTERS = (
    Case(DAY, f"transfer_24h: ¶{{{OF}", Code.COUNTER, "a counter has exactly one of 'sum', 'count' and 'distinct'"),
    Case(
        DAY,
        f"transfer_24h: ¶{{sum: ctx.amount, count: requests, {OF}",
        Code.COUNTER,
        "a counter has exactly one of 'sum', 'count' and 'distinct'",
    ),
    Case(
        DAY,
        "transfer_24h: ¶{sum: ctx.amount, by: subject.id, over: 24h}",
        Code.MISSING_KEY,
        "counter 'transfer_24h' needs 'of'",
    ),
    Case(
        DAY,
        f"transfer_24h: {{¶som: ctx.amount, {OF}",
        Code.UNKNOWN_KEY,
        "unknown key 'som' in counter 'transfer_24h'",
        "did you mean 'sum'?",
    ),
    _day("transfer_24h", "¶Transfer", Code.NAME, "'Transfer' is not a name for a counter", DOTTED),
    _day('"bank.transfer:send"', "¶'*'", Code.COUNTER, "a counter counts actions of one declared resource"),
    _day('"bank.transfer:send"', "¶'newel.scope:*'", Code.COUNTER, "a counter counts actions of one declared resource"),
    _day(
        '"bank.transfer:send"',
        "¶['bank.transfer:send', 'hr.salary:export']",
        Code.COUNTER,
        "a counter counts actions of one declared resource",
    ),
    _day(
        '"bank.transfer:send"',
        "¶'bank.transfer:sent'",
        Code.UNKNOWN_TARGET,
        "'bank.transfer' has no action 'sent'",
        "did you mean 'send'?",
    ),
    _day("subject.id", "¶subject.ids", Code.UNKNOWN_FACT, "unknown fact 'subject.ids'", "did you mean 'subject.id'?"),
    _day(
        "sum: ctx.amount",
        "sum: ¶ctx.rows",
        Code.UNKNOWN_FACT,
        "unknown fact 'ctx.rows'",
        "it is a fact of 'hr.salary', and can be read there only",
    ),
    _day("subject.id", "¶ctx.amount", Code.COUNTER, f"'ctx.amount' {KEY}"),
    _day(
        "sum: ctx.amount",
        "sum: ¶ctx.country",
        Code.COUNTER,
        "'ctx.country' cannot be summed: an int that is never negative can",
    ),
    _day(
        "sum: ctx.amount",
        "sum: ¶subject.id",
        Code.COUNTER,
        "'subject.id' cannot be summed: an int that is never negative can",
    ),
    _day(
        "sum: ctx.amount",
        "distinct: ¶ctx.payee_known",
        Code.COUNTER,
        "values of 'ctx.payee_known' are not told apart here",
    ),
    Case(
        DAY,
        DAY.replace("sum: ctx.amount", "distinct: ¶ctx.branch").replace("bank.transfer:send", "code.repo:push"),
        Code.COUNTER,
        "'ctx.branch' may be absent, so how many different ones there were would not be known",
    ),
    _day(
        "sum: ctx.amount", "count: ¶transfers", Code.COUNTER, "what is counted are requests", "write 'count: requests'"
    ),
    _day(
        "sum: ctx.amount", "count: ¶[requests]", Code.COUNTER, "what is counted are requests", "write 'count: requests'"
    ),
    _day("24h,", "¶0s,", Code.DURATION, "a window is 1s to 400d long"),
    _day("24h,", "24h, range: ¶[0],", Code.COUNTER, "a range is [0, most]"),
    _day("24h,", "24h, range: [¶1, 2],", Code.NUMBER, "the least value lies between 0 and 0, not 1"),
    _day("24h,", "24h, range: [0, ¶0],", Code.NUMBER, f"the most value lies between 1 and {MOST}, not 0"),
)
"""What is wrong with a counter."""

SUDO = "  sudo:       {evidence: {aal2: 15m}}"
CLASSED = "write each class with its age: {aal2: 15m}"
PARTS = "keys: approve, bind, deny, entitle, evidence, forbid, meter, session"


def _sudo(new: str, code: Code, text: str, hint: str = "") -> Case:
    return Case(SUDO, f"  sudo: {new}", code, text, hint)


LEVELS = (
    Case(SUDO, "  ¶su do: {evidence: {aal2: 15m}}", Code.NAME, "'su do' is not a name for a level", NAMES),
    _sudo(
        "¶second",
        Code.WRONG_SHAPE,
        "level 'sudo' is a mapping",
        "a level does not name another: write what it demands",
    ),
    _sudo("{¶level: second}", Code.UNKNOWN_KEY, "unknown key 'level' in level 'sudo'", PARTS),
    _sudo("{¶colour: red}", Code.UNKNOWN_KEY, "unknown key 'colour' in level 'sudo'", PARTS),
    _sudo("¶{}", Code.REQUIREMENT, "this demands nothing; name evidence, or leave the rule out"),
    _sudo(
        "¶{deny: no, evidence: {aal2: 5m}}",
        Code.REQUIREMENT,
        "deny stands alone: nothing else matters where a request is denied",
    ),
    _sudo(f"{{deny: ¶{'x' * 101}}}", Code.WRONG_SHAPE, "deny has at most 100 characters"),
    _sudo(
        "{bind: ¶[amount]}",
        Code.REQUIREMENT,
        "fields are bound to no class of evidence",
        "name the evidence that signs the fields",
    ),
    _sudo("{evidence: ¶{}}", Code.REQUIREMENT, "this names no class of evidence"),
    _sudo("{evidence: ¶aal2}", Code.WRONG_SHAPE, "evidence is a mapping", CLASSED),
    _sudo("{evidence: ¶''}", Code.WRONG_SHAPE, "evidence is a mapping", CLASSED),
    _sudo("{evidence: {¶aal4: 5m}}", Code.UNKNOWN_CLASS, "unknown class of evidence 'aal4'", "did you mean 'aal3'?"),
    _sudo("{evidence: {aal2: ¶fresh}}", Code.DURATION, "'fresh' is not a duration for an age", f"{WRITE}, or session"),
    _sudo(
        "{evidence: {aal2: ¶Session}}",
        Code.DURATION,
        "'Session' is not a duration for an age",
        "did you mean 'session'?",
    ),
    _sudo("{evidence: {aal2: ¶99999999d}}", Code.DURATION, "'99999999d' is too long a duration for an age", MOST_DAYS),
    _sudo("{evidence: {aal2: ¶[5m]}}", Code.WRONG_SHAPE, "an age is a text"),
    _sudo("{bind: {¶all2: [amount]}}", Code.UNKNOWN_CLASS, "unknown class of evidence 'all2'", "did you mean 'aal2'?"),
    _sudo("{bind: {aal2: ¶amount}}", Code.WRONG_SHAPE, "bind is a list"),
    _sudo(
        "{forbid: [¶fax]}",
        Code.UNKNOWN_NAME,
        "unknown method 'fax'",
        "methods: otp, passkey, password, pwd, recovery_code, security_key, totp",
    ),
    _sudo("{approve: {¶tresury: 1}}", Code.UNKNOWN_NAME, "unknown pool 'tresury'", "did you mean 'treasury'?"),
    _sudo("{approve: {treasury: ¶0}}", Code.NUMBER, "a number of approvals lies between 1 and 20, not 0"),
    _sudo("{approve: {treasury: {number: ¶21}}}", Code.NUMBER, "a number of approvals lies between 1 and 20, not 21"),
    _sudo("{approve: {treasury: ¶{evidence: {aal2: 5m}}}}", Code.MISSING_KEY, "an approval needs 'number'"),
    _sudo("{approve: {treasury: ¶[1]}}", Code.WRONG_SHAPE, "an approval is a mapping"),
    _sudo(
        "{approve: {treasury: ¶{number: 1, evidence: {aal2: 5m, phr: 6m}}}}",
        Code.REQUIREMENT,
        "the evidence of an approval has one age",
    ),
    _sudo(
        "{entitle: [¶news.membre]}",
        Code.UNKNOWN_NAME,
        "unknown entitlement 'news.membre'",
        "did you mean 'news.member'?",
    ),
    _sudo("{meter: {¶article: 1}}", Code.UNKNOWN_NAME, "unknown meter 'article'", "did you mean 'articles'?"),
    _sudo("{meter: {articles: ¶6}}", Code.NUMBER, "units of 'articles' lies between 1 and 5, not 6"),
    _sudo("{session: {¶life: 5m}}", Code.UNKNOWN_KEY, "unknown key 'life' in session", "did you mean 'max_life'?"),
    _sudo("{session: {max_life: ¶0s}}", Code.DURATION, "'max_life' is 1s at least: a token of no life is none"),
    _sudo("{session: {max_life: ¶long}}", Code.DURATION, "'long' is not a duration for max_life", WRITE),
    _sudo("{session: {key_bound: ¶1}}", Code.WRONG_SHAPE, "key_bound is true or false, not '1'"),
    _sudo("{session: {notify: ¶subject}}", Code.WRONG_SHAPE, "notify is a list"),
)
"""What is wrong with a level, as with any requirement."""

POOLS = "{treasury: {group: treasury}, hr-lead: {group: hr-lead}}"
METERS = "{articles: {limit: 5, over: 7d}, salary-export: {limit: 3, over: 24h}}"
ENTITLEMENTS = "[news.member, news.early]"
OFFICE = '  office:        ["10.20.0.0/16", "2001:db8:20::/48"]'
NAMED = (
    Case(POOLS, "¶[treasury]", Code.WRONG_SHAPE, "pools is a mapping"),
    Case(POOLS, POOLS[:-1] + ", ¶a b: {group: x}}", Code.NAME, "'a b' is not a name for a pool", NAMES),
    Case(POOLS, POOLS[:-1] + ", a: ¶{}}", Code.MISSING_KEY, "pool 'a' needs 'group'"),
    Case(POOLS, POOLS[:-1] + ", a: {group: ¶''}}", Code.WRONG_SHAPE, "group is empty"),
    Case(METERS, METERS[:-1] + ", ¶a b: {limit: 1, over: 1h}}", Code.NAME, "'a b' is not a name for a meter", NAMES),
    Case(METERS, METERS[:-1] + ", a: ¶{limit: 1}}", Code.MISSING_KEY, "meter 'a' needs 'over'"),
    Case(
        METERS, METERS[:-1] + ", a: {limit: ¶0, over: 1h}}", Code.NUMBER, "limit lies between 1 and 1000000000, not 0"
    ),
    Case(METERS, METERS[:-1] + ", a: {limit: 1, over: ¶401d}}", Code.DURATION, "a window is 1s to 400d long"),
    Case(ENTITLEMENTS, "[news.member, ¶news.member]", Code.TWICE, "'news.member' appears twice in entitlements"),
    Case(ENTITLEMENTS, "[¶news member]", Code.NAME, "'news member' is not a name for an entitlement", NAMES),
    Case(OFFICE, f"{OFFICE}\n  ¶a b: [x]", Code.NAME, "'a b' is not a name for a list", NAMES),
    Case(OFFICE, f"{OFFICE}\n  a: [x, ¶x]", Code.TWICE, "'x' appears twice in list 'a'"),
    Case(OFFICE, f"{OFFICE}\n  a: ¶x", Code.WRONG_SHAPE, "list 'a' is a list"),
    Case(
        OFFICE,
        f"{OFFICE}\n  a: ¶[{', '.join(map(str, range(10_001)))}]",
        Code.TOO_BIG,
        "list 'a' has at most 10000 entries",
    ),
)
"""What is wrong with other names."""

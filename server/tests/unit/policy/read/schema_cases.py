"""What is wrong in the schema is said at its place: facts, resources, fields, actions."""

from server.tests.unit.policy.read.base import Case

from newel.policy.code import Code
from newel.policy.facts import END_OF_TIME, LEAST, LONGEST, MOST

FACT = "    subject.id:      string\n"
PLAN = "subject.plan:    {enum: [anonymous, free, member, staff], from: directory}"
MANAGED = "device.managed:  {type: bool, absent: false} "
SCORE = "{type: int, range: [0, 100], absent: 100, from: risk}"
LEVEL = "[low, medium, high, critical, unknown]"
ROWS = "ctx.rows:         {type: int, range: [0, 1000000], from: request, field: rows}"
RISK = "did you mean 'risk.score'?"
DOTTED = "lower-case letters, digits and _, in parts joined by dots"
NAMES = "a letter, then letters, digits and . _ -"

FACTS = (
    Case(
        "  facts: ",
        "  ¶colour: red\n  facts: ",
        Code.UNKNOWN_KEY,
        "unknown key 'colour' in schema",
        "keys: facts, resources",
    ),
    Case(FACT, f"    ¶Subject: string\n{FACT}", Code.NAME, "'Subject' is not a name for a fact", DOTTED),
    Case(FACT, f"    ¶a.{'b' * 100}: string\n{FACT}", Code.NAME, f"'a.{'b' * 62}…' is not a name for a fact", DOTTED),
    Case(FACT, f"    a: ¶strin\n{FACT}", Code.FACT, "unknown type 'strin'", "did you mean 'string'?"),
    Case(FACT, f"    a: ¶[string]\n{FACT}", Code.WRONG_SHAPE, "fact 'a' is a mapping"),
    Case(FACT, f"    a: ¶''\n{FACT}", Code.WRONG_SHAPE, "type is empty"),
    Case(
        FACT,
        f"    a: {{type: int, ¶rnge: [0, 1]}}\n{FACT}",
        Code.UNKNOWN_KEY,
        "unknown key 'rnge' in fact 'a'",
        "did you mean 'range'?",
    ),
    Case(FACT, f"    a: ¶{{from: token}}\n{FACT}", Code.FACT, "a fact has exactly one of 'type', 'enum' and 'set'"),
    Case(
        FACT,
        f"    a: ¶{{type: int, enum: [b]}}\n{FACT}",
        Code.FACT,
        "a fact has exactly one of 'type', 'enum' and 'set'",
    ),
    Case(FACT, f"    a: {{type: ¶integer}}\n{FACT}", Code.FACT, "unknown type 'integer'", "did you mean 'int'?"),
    Case(FACT, f"    a: {{enum: ¶b}}\n{FACT}", Code.WRONG_SHAPE, "enum is a list"),
    Case(FACT, f"    a: {{enum: ¶[]}}\n{FACT}", Code.WRONG_SHAPE, "enum is empty"),
    Case(FACT, f"    a: {{enum: [b, c, ¶b]}}\n{FACT}", Code.TWICE, "'b' appears twice in enum"),
    Case(FACT, f"    a: {{enum: [¶[b]]}}\n{FACT}", Code.WRONG_SHAPE, "a part of enum is a text"),
    Case(FACT, f"    a: {{set: ¶int}}\n{FACT}", Code.FACT, "unknown type of a set's members 'int'", "known: string"),
    Case(FACT, f"    a: {{type: bool, range: ¶[0, 1]}}\n{FACT}", Code.FACT, "only an int has a range"),
    Case(FACT, f"    a: {{type: int, range: ¶[0]}}\n{FACT}", Code.FACT, "a range is [least, most]"),
    Case(FACT, f"    a: {{type: int, range: ¶[2, 1]}}\n{FACT}", Code.FACT, "2 is more than 1"),
    Case(
        FACT,
        f"    a: {{type: int, range: [¶zero, 1]}}\n{FACT}",
        Code.NUMBER,
        "the least value is a whole number, not 'zero'",
    ),
    Case(
        FACT,
        f"    a: {{type: int, range: [0, ¶{MOST + 1}]}}\n{FACT}",
        Code.NUMBER,
        f"the most value lies between {LEAST} and {MOST}, not {MOST + 1}",
    ),
    Case(
        FACT,
        f"    a: {{type: int, range: [0, ¶1e3]}}\n{FACT}",
        Code.NUMBER,
        "the most value is a whole number, not '1e3'",
    ),
    Case(
        FACT,
        f"    a: {{type: int, range: [0, ¶007]}}\n{FACT}",
        Code.NUMBER,
        "the most value is a whole number, not '007'",
    ),
    Case(
        FACT,
        f"    a: {{type: int, from: ¶requests}}\n{FACT}",
        Code.FACT_SOURCE,
        "unknown source 'requests'",
        "did you mean 'request'?",
    ),
    Case(
        FACT,
        f"    a: {{type: int, from: ¶token, absent: 1}}\n{FACT}",
        Code.FACT_SOURCE,
        "nothing states facts from a token yet: this one would always be missing",
        "write 'from: directory' for an attribute of the person",
    ),
    Case(
        FACT, f"    a: {{type: int, optional: ¶yes}}\n{FACT}", Code.WRONG_SHAPE, "optional is true or false, not 'yes'"
    ),
    Case(
        FACT,
        f"    a: {{type: int, optional: true, absent: ¶1}}\n{FACT}",
        Code.FACT,
        "a fact is optional or has a value where it is absent, not both",
    ),
    Case(
        FACT,
        f"    a: {{type: ip, absent: ¶10.0.0.1}}\n{FACT}",
        Code.FACT,
        "absence of an address has no value; make it optional",
    ),
    Case(
        FACT,
        f"    a: {{set: string, absent: ¶[]}}\n{FACT}",
        Code.FACT,
        "absence of a set has no value; make it optional",
    ),
    Case(
        FACT, f"    a: {{type: int, range: [0, 9], absent: ¶10}}\n{FACT}", Code.NUMBER, "a lies between 0 and 9, not 10"
    ),
    Case(FACT, f"    a: {{type: bool, absent: ¶NO}}\n{FACT}", Code.FACT, "'a' is true or false, not 'NO'"),
    Case(
        FACT,
        f"    a: {{enum: [b, c], absent: ¶bb}}\n{FACT}",
        Code.NEVER_A_VALUE,
        "'bb' is never a value of 'a'",
        "did you mean 'b'?",
    ),
    Case(
        FACT,
        f"    a: {{type: duration, absent: ¶soon}}\n{FACT}",
        Code.DURATION,
        "'soon' is not a duration",
        "write 90s, 5m, 12h, 1h30m or 30d",
    ),
    Case(
        FACT,
        f"    a: {{type: duration, absent: ¶999999999h}}\n{FACT}",
        Code.NUMBER,
        f"'a' lies between {-LONGEST} and {LONGEST} seconds",
    ),
    Case(
        FACT,
        f"    a: {{type: timestamp, absent: ¶2026-11-24}}\n{FACT}",
        Code.TEST,
        "'2026-11-24' is not a time for a",
        "write 2026-11-24T12:00:00Z",
    ),
    Case(
        FACT,
        f"    a: {{type: timestamp, absent: '¶2026-13-24T12:00:00Z'}}\n{FACT}".replace("'¶", "¶'"),
        Code.TEST,
        "'2026-13-24T12:00:00Z' is not a time for a",
        "write 2026-11-24T12:00:00Z",
    ),
    Case(
        FACT,
        f"    a: {{type: timestamp, absent: ¶'9000-01-01T00:00:00Z'}}\n{FACT}",
        Code.NUMBER,
        f"'a' lies between 0 and {END_OF_TIME} seconds",
    ),
    Case(
        FACT,
        f"    ¶velocity.day: int\n{FACT}",
        Code.RESERVED_NAME,
        "facts under 'velocity.' are counters; declare them under velocity:",
    ),
    Case(
        FACT,
        f"    ¶http.path: string\n{FACT}",
        Code.RESERVED_NAME,
        "facts under 'http.' belong to newel.gateway and are there",
    ),
    Case(
        "    client.ip:       ip",
        "    ¶client.ip:       string",
        Code.RESERVED_NAME,
        "'client.ip' is a fact of the server: type ip, from server",
    ),
    Case(
        FACT,
        "    ¶subject.id: {type: string, from: request}\n",
        Code.RESERVED_NAME,
        "'subject.id' is a fact of the server: type string, from server",
    ),
    Case(
        FACT,
        f"    ¶risk.scores: {{type: int, from: risk}}\n{FACT}",
        Code.FACT_SOURCE,
        "the risk engine states no 'risk.scores'",
        RISK,
    ),
    Case(
        FACT,
        f"    ¶score: {{type: int, from: risk}}\n{FACT}",
        Code.FACT_SOURCE,
        "the risk engine states no 'score'",
        RISK,
    ),
    Case(
        f"    risk.score:      {SCORE}",
        f"    ¶risk.score:      {SCORE.replace(', from: risk', '')}",
        Code.FACT_SOURCE,
        "'risk.score' comes from the risk engine",
        "write 'from: risk'",
    ),
    Case(
        f"    risk.score:      {SCORE}",
        "    ¶risk.score: {type: string, from: risk}",
        Code.FACT,
        "'risk.score' is of type int",
    ),
    Case(
        f"    risk.level:      {{enum: {LEVEL}",
        "    ¶risk.level:      {enum: [low, medium, high, unknown]",
        Code.FACT,
        "'risk.level' can also be critical",
        "declare every value it can have",
    ),
    Case(
        MANAGED,
        "device.managed:  {type: bool, absent: false, field: ¶amount.minor}",
        Code.FACT_FIELD,
        "only a fact of a resource is read from one of its fields",
    ),
    Case(
        ROWS,
        "ctx.rows:         {type: int, range: [0, 1000000], field: ¶rows}",
        Code.FACT_FIELD,
        "what is read from a field comes from the request",
        "add 'from: request'",
    ),
    Case(
        ROWS,
        "ctx.rows:         {type: int, range: [0, 1000000], from: request, field: ¶row}",
        Code.FACT_FIELD,
        "there is no field 'row'",
        "did you mean 'rows'?",
    ),
    Case(
        ROWS,
        "ctx.rows:         {type: bool, from: request, field: ¶rows}",
        Code.FACT_FIELD,
        "field 'rows' is an int, the fact is a bool",
    ),
    Case(
        ROWS,
        "ctx.rows:         {type: int, range: [0, 1000000], from: request, field: ¶Rows}",
        Code.NAME,
        "'Rows' is not a name for field",
        DOTTED,
    ),
    Case(
        "        ctx.section:",
        "        ¶now: timestamp\n        ctx.section:",
        Code.TWICE,
        "'now' is already declared in line 18",
    ),
)
"""What is wrong with a fact."""

TRANSFER = "    bank.transfer:\n"
ACTIONS = "      actions: [prepare, send] "
AMOUNT = "{amount: {money: true}, payee"
READ = "{read: {sensitive: false}}"
KIND = "a field has exactly one of 'money', 'account', 'text' and 'int'"

RESOURCES = (
    Case(TRANSFER, "    ¶bank transfer:\n", Code.NAME, "'bank transfer' is not a name for a resource", NAMES),
    Case(TRANSFER, "    ¶newel.transfer:\n", Code.RESERVED_NAME, "resources under 'newel.' are built in"),
    Case(TRANSFER, "    ¶newel:\n", Code.RESERVED_NAME, "resources under 'newel.' are built in"),
    Case(
        "      actions: [change_email, cancel]",
        "      ¶label: Account",
        Code.MISSING_KEY,
        "resource 'news.account' needs 'actions'",
    ),
    Case(
        ACTIONS,
        f"      ¶colour: red\n{ACTIONS}",
        Code.UNKNOWN_KEY,
        "unknown key 'colour' in resource 'bank.transfer'",
        "keys: actions, facts, fields, label",
    ),
    Case(ACTIONS, f"      label: ¶{'x' * 101}\n{ACTIONS}", Code.WRONG_SHAPE, "label has at most 100 characters"),
    Case(ACTIONS, f"      label: ¶[x]\n{ACTIONS}", Code.WRONG_SHAPE, "label is a text"),
    Case(READ, "¶[]", Code.WRONG_SHAPE, "actions is empty"),
    Case(READ, "¶{}", Code.ACTION, "a resource has at least one action"),
    Case(READ, "¶read", Code.WRONG_SHAPE, "actions is a list"),
    Case(READ, "[read, ¶read]", Code.TWICE, "action 'read' appears twice"),
    Case(READ, "[read, ¶re*ad]", Code.NAME, "'re*ad' is not a name for an action", NAMES),
    Case(READ, "{read: {sensitive: false}, ¶re*ad: {}}", Code.NAME, "'re*ad' is not a name for an action", NAMES),
    Case(READ, "{read: ¶false}", Code.WRONG_SHAPE, "action 'read' is a mapping"),
    Case(
        READ,
        "{read: {¶sensible: false}}",
        Code.UNKNOWN_KEY,
        "unknown key 'sensible' in action 'read'",
        "did you mean 'sensitive'?",
    ),
    Case(READ, "{read: {sensitive: ¶no}}", Code.WRONG_SHAPE, "sensitive is true or false, not 'no'"),
    Case(
        READ,
        "{read: {sensitive: false, minimum: ¶third}}",
        Code.UNKNOWN_LEVEL,
        "unknown level 'third'",
        "levels: second, signed-in, sudo, wysiwys",
    ),
    Case(READ, "{read: {sensitive: false, verb: ¶''}}", Code.WRONG_SHAPE, "verb is empty"),
    Case(AMOUNT, "{amount: ¶{label: Amount}, payee", Code.FIELD, KIND),
    Case(AMOUNT, "{amount: ¶{money: true, text: 3}, payee", Code.FIELD, KIND),
    Case(AMOUNT, "{amount: {money: ¶false}, payee", Code.FIELD, "'money' is true, or left out"),
    Case(AMOUNT, "{amount: {money: ¶EUR}, payee", Code.WRONG_SHAPE, "money is true or false, not 'EUR'"),
    Case(AMOUNT, "{amount: {money: true, free: ¶true}, payee", Code.FIELD, "only a text is somebody's own words"),
    Case(
        AMOUNT,
        "{amount: {money: true, ¶fre: true}, payee",
        Code.UNKNOWN_KEY,
        "unknown key 'fre' in field 'amount'",
        "did you mean 'free'?",
    ),
    Case(
        AMOUNT,
        "{¶a b: {money: true}, amount: {money: true}, payee",
        Code.NAME,
        "'a b' is not a name for a field",
        NAMES,
    ),
    Case("{text: 200}", "{text: ¶2001}", Code.NUMBER, "the longest text lies between 1 and 2000, not 2001"),
    Case("{text: 200}", "{text: ¶long}", Code.NUMBER, "the longest text is a whole number, not 'long'"),
    Case("{int: [0, 1000000], optional", "{int: ¶[0], optional", Code.FIELD, "a range is [least, most]"),
    Case("{int: [0, 1000000], optional", "{int: ¶[1, 0], optional", Code.FIELD, "1 is more than 0"),
    Case(
        "{int: [0, 1000000], optional",
        f"{{int: [0, ¶{10**15 + 1}], optional",
        Code.NUMBER,
        f"the most value lies between {-(10**15)} and {10**15}, not {10**15 + 1}",
    ),
    Case("{int: [0, 1000000], optional", "{int: ¶5, optional", Code.WRONG_SHAPE, "int is a list"),
)
"""What is wrong with a resource."""

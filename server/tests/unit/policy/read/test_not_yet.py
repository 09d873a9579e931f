"""A notice or a key-bound token that is demanded is warned of at its key: neither is there yet."""

from server.tests.unit.policy.read.base import EXAMPLE, changed, read, rule_of, warned

from newel.policy.code import Code

SUDO = "{evidence: {aal2: 15m}}"
NOTIFIED = "{evidence: {aal2: 15m}, session: {notify: [treasury], max_life: 5m}}"
LAST = "    on: news.account:*\n    require: {evidence: {aal1: 10m}}"


def test_a_notice_in_a_level_a_rule_a_fallback_and_a_minimum_is_warned_of_at_its_key() -> None:
    fallback = f"    fallback: {{when: cannot_meet, require: {NOTIFIED}}}"
    text = changed(
        (SUDO, NOTIFIED),
        (LAST, f"{LAST.replace('{evidence: {aal1: 10m}}', NOTIFIED)}\n{fallback}"),
        ("sensitive: false}}", f"sensitive: false, minimum: {NOTIFIED}}}}}"),
    )
    found = [each for each in warned(text) if each.code is Code.NOT_YET]
    assert {each.text for each in found} == {"nothing sends notices yet: nobody is told"}
    assert len(found) == 4
    assert all(text.split("\n")[each.line - 1][each.column - 1 :].startswith("notify:") for each in found)


def test_where_nobody_is_to_be_told_nothing_is_warned_of() -> None:
    assert warned(EXAMPLE) == ()
    assert warned(changed((SUDO, "{evidence: {aal2: 15m}, session: {max_life: 5m}}"))) == ()


def test_the_rest_of_what_is_demanded_beside_a_notice_stays_demanded() -> None:
    text = changed((LAST, LAST.replace("{evidence: {aal1: 10m}}", NOTIFIED)))
    (warning,) = warned(text)
    found = rule_of(read(text), "account-change").require
    assert warning.code is Code.NOT_YET
    assert (found.session.life, dict(found.evidence)["aal2"]) == (300, 900)


def test_a_key_bound_token_is_warned_of_where_it_is_demanded() -> None:
    for flag, words in (
        ("true", ["no key-bound token is issued yet: whoever is asked for one does not get on"]),
        ("false", []),
    ):
        text = changed((SUDO, f"{{evidence: {{aal2: 15m}}, session: {{key_bound: {flag}}}}}"))
        assert [each.text for each in warned(text)] == words

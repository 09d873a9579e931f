"""`newel policy explain POLICY RESOURCE:ACTION FACT=VALUE …`: what is demanded, by which rules, and without each."""

from argparse import ArgumentParser, Namespace
from collections.abc import Container, Iterator, Mapping

from newel.cli.arguments import add_json
from newel.cli.policy.asked import add_request, facts_of
from newel.cli.policy.files import HOLDS, add_policy, read_at
from newel.cli.printing import print_json
from newel.domain.requirement import Requirement
from newel.policy.canonical import grace_tree, requirement_tree, value_text
from newel.policy.document import Document
from newel.policy.explain import Explanation, RuleExplained, alone, explain
from newel.policy.lang.core import TRUE
from newel.policy.lang.write import written
from newel.policy.words import floor_text, grace_text, requirement_text, value_words

LONGEST = 200
"""Characters of a condition that are printed."""


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_request(parser)
    parser.add_argument("--all", action="store_true", help="print the rules that do not match too")
    add_json(parser)


def run(options: Namespace) -> int:
    """Explain one decision."""
    document = read_at(options.policy, options).document
    stated = facts_of(document, options.target, options.facts)
    explanation = explain(document, options.target, alone(document, options.target, stated))
    if options.json:
        print_json(_json(document, explanation))
        return HOLDS
    print("\n".join(_head(document, explanation)))
    shown = [rule for rule in explanation.rules if rule.matched or options.all]
    for rule in shown:
        print("\n".join(_lines(document, explanation, rule, stated)))
    if not shown:
        print("No rule matches.")
    return HOLDS


def _head(document: Document, explanation: Explanation) -> Iterator[str]:
    """What is demanded, and what it may come to where a rule declares less; only what is less is said."""
    demanded = explanation.requirement
    yield f"{explanation.target} {'is' if demanded.denied else 'demands'} {requirement_text(demanded, document.classes)}."
    if least := floor_text(explanation.target, document.classes):
        yield f"Whatever a policy says, it demands {least}."
    if explanation.fallback is not None and explanation.fallback != demanded:
        yield f"Where that cannot be met: {requirement_text(explanation.fallback, document.classes)}."
    if explanation.skipped is not None and explanation.skipped != demanded:
        yield f"Where all is skipped that may be: {requirement_text(explanation.skipped, document.classes)}."


def _lines(document: Document, explanation: Explanation, rule: RuleExplained, stated: Container[str]) -> Iterator[str]:
    yield ""
    yield f"{rule.id}  {rule.place.file}:{rule.place.line}{' (observed only)' if rule.observe else ''}"
    yield f"    {_verdict(rule)}"
    if rule.because:
        yield f"    because   {rule.because}"
    if rule.condition != TRUE:
        yield f"    when      {_shortened(written(rule.condition))}"
    for path, found in rule.read.items():
        yield f"    {path} = {_value(document, explanation.target, path, found, stated)}"
    yield from _demands(document, explanation, rule)


def _demands(document: Document, explanation: Explanation, rule: RuleExplained) -> Iterator[str]:
    """What the rule demands, what it takes for less, and what would be if it were not there, or were enforced."""

    def against(requirement: Requirement) -> str:
        return "the same" if requirement == explanation.requirement else requirement_text(requirement, document.classes)

    enforced = ", were it enforced" if rule.observe else ""
    yield f"    demands   {requirement_text(rule.requires, document.classes)}{enforced}"
    if rule.fallback is not None:
        yield f"    fallback  {requirement_text(rule.fallback, document.classes)}, where that cannot be met"
    if rule.grace is not None:
        yield f"    grace     {grace_text(rule.grace, rule.grace.until if rule.ended else None)}"
    if rule.matched and rule.observe:
        yield f"    with it   {against(rule.enforced)}"
    elif rule.matched:
        yield f"    without   {against(rule.without)}"


def _shortened(text: str) -> str:
    """A condition as far as a line holds it: a list may have thousands of values."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _value(document: Document, target: str, path: str, found: object, stated: Container[str]) -> str:
    """A value, and where it comes from if nobody stated it."""
    text = value_words(document.facts_at(target)[path], found)
    if found is None or path in stated:
        return text
    counted = any(path == counter.name for counter in document.counters.values())
    return f"{text} ({'this request alone' if counted else 'not stated'})"


def _verdict(rule: RuleExplained) -> str:
    if rule.verdict == "fails":
        return f"counts as a match, because {rule.missing} is not there"
    return rule.verdict


def _json(document: Document, explanation: Explanation) -> Mapping[str, object]:
    declared = document.facts_at(explanation.target)
    return {
        "target": explanation.target,
        "requirement": requirement_tree(explanation.requirement),
        "fallback": _tree(explanation.fallback),
        "skipped": _tree(explanation.skipped),
        "rules": [
            {
                "id": rule.id,
                "file": rule.place.file,
                "line": rule.place.line,
                "verdict": rule.verdict,
                "missing": rule.missing,
                "observe": rule.observe,
                "because": rule.because,
                "when": "" if rule.condition == TRUE else written(rule.condition),
                "facts": {
                    path: None if found is None else value_text(declared[path], found)
                    for path, found in rule.read.items()
                },
                "requires": requirement_tree(rule.requires),
                "fallback": _tree(rule.fallback),
                "grace": None if rule.grace is None else grace_tree(rule.grace),
                "grace_ended": rule.ended,
                "without": requirement_tree(rule.without),
                "enforced": requirement_tree(rule.enforced),
            }
            for rule in explanation.rules
        ],
    }


def _tree(requirement: Requirement | None) -> Mapping[str, object] | None:
    return None if requirement is None else requirement_tree(requirement)

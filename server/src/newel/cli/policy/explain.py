"""`newel policy explain POLICY RESOURCE:ACTION FACT=VALUE …`: what is demanded, by which rules, and without each."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping

from newel.cli.arguments import add_json
from newel.cli.policy.asked import add_request, facts_of
from newel.cli.policy.files import HOLDS, add_policy, read_at
from newel.cli.printing import print_json
from newel.policy.canonical import requirement_tree, value_text
from newel.policy.document import Document
from newel.policy.explain import Explanation, RuleExplained, alone, explain
from newel.policy.words import requirement_text, value_words


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_request(parser)
    parser.add_argument("--all", action="store_true", help="print the rules that do not match too")
    add_json(parser)


def run(options: Namespace) -> int:
    """Explain one decision."""
    document = read_at(options.policy, options).document
    facts = alone(document, options.target, facts_of(document, options.target, options.facts))
    explanation = explain(document, options.target, facts)
    if options.json:
        print_json(_json(document, explanation))
        return HOLDS
    text = requirement_text(explanation.requirement, document.classes)
    print(f"{explanation.target} {'is' if explanation.requirement.denied else 'demands'} {text}.")
    shown = [rule for rule in explanation.rules if rule.matched or options.all]
    for rule in shown:
        print("\n".join(_lines(document, explanation, rule)))
    if not shown:
        print("No rule matches.")
    return HOLDS


def _lines(document: Document, explanation: Explanation, rule: RuleExplained) -> Iterator[str]:
    declared = document.facts_at(explanation.target)
    observed = " (observed only)" if rule.observe else ""
    yield ""
    yield f"{rule.id}  {rule.place.file}:{rule.place.line}{observed}"
    yield f"    {_verdict(rule)}"
    if rule.because:
        yield f"    because   {rule.because}"
    for path, found in rule.read.items():
        yield f"    {path} = {value_words(declared[path], found)}"
    yield f"    demands   {requirement_text(rule.requires, document.classes)}"
    if rule.matched and not rule.observe:
        same = rule.without == explanation.requirement
        yield f"    without   {'the same' if same else requirement_text(rule.without, document.classes)}"


def _verdict(rule: RuleExplained) -> str:
    if rule.verdict == "fails":
        return f"counts as a match, because {rule.missing} is not there"
    return rule.verdict


def _json(document: Document, explanation: Explanation) -> Mapping[str, object]:
    declared = document.facts_at(explanation.target)
    return {
        "target": explanation.target,
        "requirement": requirement_tree(explanation.requirement),
        "rules": [
            {
                "id": rule.id,
                "file": rule.place.file,
                "line": rule.place.line,
                "verdict": rule.verdict,
                "missing": rule.missing,
                "observe": rule.observe,
                "because": rule.because,
                "facts": {
                    path: None if found is None else value_text(declared[path], found)
                    for path, found in rule.read.items()
                },
                "requires": requirement_tree(rule.requires),
                "without": requirement_tree(rule.without),
            }
            for rule in explanation.rules
        ],
    }

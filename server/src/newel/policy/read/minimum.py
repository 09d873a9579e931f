"""No sensitive action comes out below its minimum: shown by rules that match every request, without a solver."""

from collections.abc import Iterator, Mapping

from newel.domain.requirement import Requirement, join_all
from newel.policy.code import Code
from newel.policy.document import Action, Document, Rule
from newel.policy.lang.core import TRUE
from newel.policy.message import Fault, Mark
from newel.policy.read.resources import Thing


def least(document: Document, target: str) -> Requirement:
    """What every request at a target is asked for: the join over the rules without a condition."""
    return join_all(_weakest(rule) for rule in document.rules_at(target) if _always(rule, target))


def _always(rule: Rule, target: str) -> bool:
    return not rule.observe and rule.grace is None and rule.condition(target) == TRUE


def _weakest(rule: Rule) -> Requirement:
    return rule.require if rule.fallback is None else rule.fallback


def below_minimum(document: Document, things: Mapping[str, Thing]) -> Iterator[tuple[Action, Fault]]:
    """Each action that can come out below its minimum."""
    for resource in document.resources.values():
        for action in resource.actions.values():
            target = f"{resource.name}:{action.name}"
            if resource.name in things and not action.minimum <= least(document, target):
                yield action, _fault(target, things[resource.name].actions[action.name].key.mark)


def _fault(target: str, mark: Mark) -> Fault:
    text = f"{target} can come out below its minimum: no rule without a condition demands it"
    hint = "add a rule for it without 'when' and 'unless', or say 'sensitive: false'"
    return Fault(Code.BELOW_MINIMUM, mark, text, hint)

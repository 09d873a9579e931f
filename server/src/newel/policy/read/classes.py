"""Classes of evidence: what each counts as, how long it lasts, and the strengths that a policy names itself."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from newel.domain.assurance import SHIPPED, Classes, EvidenceClass
from newel.domain.method import METHODS
from newel.domain.value import replace
from newel.policy.code import Code
from newel.policy.message import Fault, Report, shown, suggest
from newel.policy.read.shape import entries, items, name, scalars, seconds, table
from newel.policy.source import Node, Scalar

KEYS = ("lasts", "idle", "implies", "methods")
LONGEST = 400 * 86_400
MOST_CLASSES = 100
DERIVED = tuple(SHIPPED.by_name)


def read_classes(node: Node | None, order: Node | None, report: Report) -> Classes:
    """The declared classes, over those that are shipped; whatever the file leaves out is as shipped."""
    written: dict[str, EvidenceClass] = {}
    keys: dict[str, Scalar] = {}
    for key, given in entries(node, "evidence", MOST_CLASSES) if node is not None else ():
        with report.part():
            found = _one(key, given)
            written[found.name], keys[found.name] = found, key
    declared = {**SHIPPED.by_name, **written}
    for title, each in written.items():
        with report.part():
            _implied(keys[title], each, declared)
    titles: tuple[str, ...] = tuple(SHIPPED.by_name)
    with report.part():
        titles = _weaker_first(declared, keys)
    classes = Classes(declared=_fitted(titles, declared, keys, report), order=())
    report.close()  # of classes that are not declared, or stand in a circle, nothing can be said
    return replace(classes, order=_order(order, classes, report))


def _one(key: Scalar, node: Node) -> EvidenceClass:
    title = name(key, "a class")
    given = table(node, f"class '{title}'", KEYS).by_key
    shipped = SHIPPED.by_name.get(title)
    if "lasts" not in given and shipped is None:
        raise Fault(Code.MISSING_KEY, key.mark, f"class '{title}' needs 'lasts'")
    lasts = _time(given["lasts"], "lasts") if "lasts" in given else SHIPPED.by_name[title].lasts
    idle = _time(given["idle"], "idle") if "idle" in given else lasts if shipped is None else min(lasts, shipped.idle)
    if shipped is not None and shipped.implies and "implies" not in given:
        text = (
            f"'{title}' is shipped as counting as {' and '.join(shipped.implies)}, and would count as nothing else here"
        )
        raise Fault(Code.CLASS, key.mark, text, f"write 'implies: [{', '.join(shipped.implies)}]'")
    implies = tuple(each.text for each in scalars(given["implies"], "implies")) if "implies" in given else ()
    if "methods" in given and shipped is not None:
        text = f"'{title}' is reached as shipped; a strength of your own has a name of its own"
        raise Fault(Code.CLASS, given["methods"].mark, text)
    if "methods" not in given and shipped is None:
        text = f"nothing reaches '{title}': say by which methods"
        raise Fault(Code.CLASS, key.mark, text, f"shipped: {', '.join(DERIVED)}; or methods: [[password, totp]]")
    combinations = _combinations(given["methods"]) if "methods" in given else ()
    return EvidenceClass(title, lasts=lasts, idle=idle, implies=implies, combinations=combinations)


def _time(node: Node, what: str) -> int:
    found = seconds(node, what)
    if not 0 < found <= LONGEST:
        raise Fault(Code.DURATION, node.mark, f"'{what}' lies between 1s and {LONGEST // 86_400}d")
    return found


def _combinations(node: Node) -> tuple[tuple[str, ...], ...]:
    found = []
    for item in items(node, "methods"):
        methods = scalars(item, "a combination of methods")
        for each in methods:
            if each.text not in METHODS:
                text = f"unknown method {shown(each.text)}"
                raise Fault(Code.CLASS, each.mark, text, suggest(each.text, tuple(METHODS), what="methods"))
        found.append(tuple(sorted(each.text for each in methods)))
    return tuple(sorted(set(found)))


def _implied(key: Scalar, each: EvidenceClass, declared: Mapping[str, EvidenceClass]) -> None:
    for weaker in each.implies:
        if weaker not in declared:
            text = f"class '{each.name}' implies {shown(weaker)}, which is not declared"
            raise Fault(Code.UNKNOWN_CLASS, key.mark, text, suggest(weaker, tuple(declared), what="declared"))


def _weaker_first(declared: Mapping[str, EvidenceClass], keys: Mapping[str, Scalar]) -> tuple[str, ...]:
    """The names, those that imply nothing first. Fault where classes imply each other in a circle."""
    graph = {title: [weaker for weaker in each.implies if weaker in declared] for title, each in declared.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = error.args[1]
        at = next(keys[title] for title in circle if title in keys)
        raise Fault(Code.CLASS, at.mark, f"classes imply each other in a circle: {' → '.join(circle)}") from error


def _fitted(
    titles: Sequence[str], declared: Mapping[str, EvidenceClass], keys: Mapping[str, Scalar], report: Report
) -> tuple[EvidenceClass, ...]:
    """No class lasts or idles longer than one it counts as: a fault where the file says so, else what is shipped yields."""
    fitted: dict[str, EvidenceClass] = {}
    for title in titles:
        each = declared[title]
        below = [fitted[weaker] for weaker in each.implies if weaker in fitted]
        lasts = min([each.lasts, *(weaker.lasts for weaker in below)])
        idle = min([each.idle, *(weaker.idle for weaker in below)])
        if title in keys and (lasts, idle) != (each.lasts, each.idle):
            what = "lasts" if lasts != each.lasts else "idles"
            text = f"class '{title}' {what} longer than one it counts as"
            report.add(Fault(Code.CLASS, keys[title].mark, text))
        fitted[title] = replace(each, lasts=lasts, idle=idle)
    return tuple(fitted.values())


def _order(node: Node | None, classes: Classes, report: Report) -> tuple[str, ...]:
    """The order from which acr is chosen. Fault where a weaker class stands before one that counts as it."""
    if node is None:
        return SHIPPED.order
    found: list[str] = []
    for each in scalars(node, "acr_order"):
        with report.part():
            if each.text not in classes.by_name:
                text = f"unknown class {shown(each.text)}"
                raise Fault(Code.UNKNOWN_CLASS, each.mark, text, suggest(each.text, tuple(classes.by_name)))
            weaker = next((other for other in found if other in classes.counts_as(each.text)), None)
            if weaker is not None:
                raise Fault(Code.CLASS, each.mark, f"'{each.text}' counts as '{weaker}', so it stands before it")
            found.append(each.text)
    return tuple(found)

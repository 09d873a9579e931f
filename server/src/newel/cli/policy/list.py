"""`newel policy list`: which snapshots came into force, when, by whom and why."""

from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.printing import moment, print_json, print_table
from newel.domain.snapshot import Activation
from newel.storage.sql.snapshots import DamagedActivation, activations

SHOWN = 50
SHORT = 12


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_config(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """List the activations, newest first."""
    return run_open(options.config, lambda everything: list_(everything, options))


async def list_(everything: Open, options: Namespace) -> int:
    """Print the activations, the one in force first."""
    found = await everything.store.all(activations(SHOWN))
    if options.json:
        print_json(
            [
                {
                    **_tree(each),
                    "in_force": place == 0,
                }
                for place, each in enumerate(found)
            ]
        )
        return 0
    if not found:
        print("No policy was activated yet; the shipped one decides. Activate one with: newel policy activate POLICY")
        return 0
    rows = [(*_cells(each), "" if place else "in force") for place, each in enumerate(found)]
    print_table(("number", "version", "since", "author", "reason", ""), rows)
    return 0


def _tree(activation: Activation) -> dict[str, object]:
    damaged = isinstance(activation, DamagedActivation)
    known = {"number": activation.number, "version": activation.version, "damaged": damaged}
    if damaged:
        return {**known, "author": None, "reason": None, "at": None, "accepted": {}}
    return {
        **known,
        "author": activation.author,
        "reason": activation.reason,
        "at": activation.at,
        "accepted": dict(activation.accepted),
    }


def _cells(activation: Activation) -> tuple[str, ...]:
    known = (str(activation.number), activation.version[:SHORT])
    if isinstance(activation, DamagedActivation):
        return (*known, "", "", f"(the row of activation {activation.number} is damaged)")
    return (*known, moment(activation.at), activation.author, activation.reason)

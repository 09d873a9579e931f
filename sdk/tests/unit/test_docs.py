"""The documentation names what exists, as it exists."""

import ast
import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import newel_sdk
from newel_sdk import Client, DecisionPoint, Guard
from newel_sdk.guard import ActionCheck, Check, enforce

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "sdk.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT + (ROOT / "sdk" / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_parses_and_imports_what_exists(block: str) -> None:
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("newel_sdk"):
            module = importlib.import_module(node.module)
            assert all(hasattr(module, alias.name) for alias in node.names)


CALLS: list[tuple[str, Callable[..., Any]]] = [
    ("Guard", Guard),
    ("guard.require", Guard.require),
    ("guard.require_action", Guard.require_action),
    ("check.decide", Check.decide),
    ("check.decide", ActionCheck.decide),
    ("enforce", enforce),
    ("DecisionPoint", DecisionPoint),
    ("pdp.evaluate", DecisionPoint.evaluate),
    ("pdp.release", DecisionPoint.release),
    ("Client", Client),
    ("client.begin", Client.begin),
    ("client.step_up", Client.step_up),
    ("client.complete", Client.complete),
]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_a_documented_call_has_the_documented_parameters(name: str, call: Callable[..., Any]) -> None:
    written = re.search(rf"\| `(?:await )?{re.escape(name)}\((.*?)\)` \|", TEXT)
    assert written is not None
    documented = re.findall(r"(?:^|, )(\w+)", re.sub(r"\(\)|\"[^\"]*\"", "", written.group(1)))
    assert documented == [each for each in inspect.signature(call).parameters if each != "self"]


def test_the_public_names_exist() -> None:
    assert all(hasattr(newel_sdk, name) for name in newel_sdk.__all__)

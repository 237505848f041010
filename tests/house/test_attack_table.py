"""docs/attacks.md cannot rot: every attack has a test, and every test that is named exists and is marked."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from tests.house.tree import ROOT, text

TABLE = "docs/attacks.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
#: Protocol, sign-in and platform; 56 and 57 are about wallets, which there are none of here.
DEMANDED = {*range(1, 38), 58, 59, 60}


@lru_cache
def marked(path: str) -> frozenset[str]:
    """The tests of a file that have the marker ``attack``, by themselves or with their whole file."""
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    whole = any(
        isinstance(node, ast.Assign)
        and "pytestmark" in {target.id for target in node.targets if isinstance(target, ast.Name)}
        and "mark.attack" in ast.unparse(node.value)
        for node in tree.body
    )
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (whole or any("mark.attack" in ast.unparse(each) for each in node.decorator_list))
    )


def test_every_attack_has_a_test() -> None:
    """Each number once, in order, none of those that concern us missing."""
    numbers = [int(number) for number, _, _ in ROW.findall(text(TABLE))]
    assert numbers == sorted(set(numbers))
    assert set(numbers) >= DEMANDED


def test_every_named_test_is_there_and_marked() -> None:
    """A name that changed, or a marker that was lost, is found here."""
    for number, _, cell in ROW.findall(text(TABLE)):
        named = NAME.findall(cell)
        assert len(named) == cell.count("`") // 2 > 0, number
        missing = [f"{path}::{name}" for path, name in named if name not in marked(path)]
        assert not missing, (number, missing)

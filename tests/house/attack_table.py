"""The table of docs/attacks.md beside the tests; `python -m tests.house.attack_table` adds to it what tests cite.

A test belongs to an attack when it has the marker `attack` and its docstring names the number: "Attack 49: …",
"Attacks 43 and 58: …", or "(attack 48)".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tests.house.tree import ROOT, text, tree

TABLE = "docs/attacks.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
CITED = re.compile(r"\b[Aa]ttacks? (\d+(?:(?:, | and )\d+)*)")


@lru_cache
def read_tests(path: str) -> dict[str, tuple[bool, frozenset[int]]]:
    """The tests of a file: whether each has the marker, itself or with its whole file, and what attacks it cites."""
    parsed = tree(f"tests/{path}")
    whole = any(
        isinstance(node, ast.Assign)
        and "pytestmark" in {target.id for target in node.targets if isinstance(target, ast.Name)}
        and "mark.attack" in ast.unparse(node.value)
        for node in parsed.body
    )
    return {
        node.name: (
            whole or any("mark.attack" in ast.unparse(each) for each in node.decorator_list),
            cited(ast.get_docstring(node) or ""),
        )
        for node in ast.walk(parsed)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def cited(docstring: str) -> frozenset[int]:
    """The attacks that a docstring names."""
    return frozenset(int(each) for group in CITED.findall(docstring) for each in re.findall(r"\d+", group))


def citing() -> Iterator[tuple[str, str, bool, int]]:
    """Every test that cites an attack: its file, its name, whether it is marked, the number."""
    folder = ROOT / "tests"
    for file in sorted(folder.rglob("test_*.py")):
        if not CITED.search(file.read_text("utf-8")):
            continue
        path = file.relative_to(folder).as_posix()
        for name, (marked, numbers) in read_tests(path).items():
            for number in sorted(numbers):
                yield path, name, marked, number


def rows() -> dict[int, tuple[str, tuple[tuple[str, str], ...]]]:
    """The table: what each attack is, and the files and names of its tests."""
    return {int(number): (what, tuple(NAME.findall(cell))) for number, what, cell in ROW.findall(text(TABLE))}


def completed(page: str) -> str:
    """The page with the tests that cite an attack in the row of that attack."""
    found: dict[int, list[tuple[str, str]]] = {}
    for path, name, marked, number in citing():
        if marked:
            found.setdefault(number, []).append((path, name))

    def row(match: re.Match[str]) -> str:
        number, what, cell = match.groups()
        names = dict.fromkeys((*NAME.findall(cell), *found.get(int(number), ())))
        return f"| {number} | {what} | {', '.join(f'`{path}::{name}`' for path, name in names)} |"

    return ROW.sub(row, page)


if __name__ == "__main__":
    (ROOT / TABLE).write_text(completed(text(TABLE)), "utf-8")

"""``docs/conformance.md`` names only tests that there are."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.tree import files, text, tree

TABLE = "docs/conformance.md"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def named() -> list[tuple[str, str]]:
    """File and test, as the table names them."""
    return NAMED.findall(text(TABLE))


def home(name: str) -> str:
    """The file of a name, which stands in the endpoints' folder unless another is named."""
    return name if "/" in name else f"tests/idp_endpoints/{name}"


@pytest.mark.parametrize("file", sorted({home(name) for name, _ in named()}))
def test_every_test_that_is_named_exists(file: str) -> None:
    """A renamed test takes its row along."""
    assert file in files(), file
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    there = {node.name for node in ast.walk(tree(file)) if isinstance(node, functions)}
    missing = {test for name, test in named() if home(name) == file} - there
    assert not missing


def test_every_row_has_a_state_and_a_test_unless_nobody_judged() -> None:
    """No row promises what nothing shows."""
    rows = [line for line in text(TABLE).splitlines() if line.startswith("|") and not line.startswith("|---")]
    assert len(rows) > 50
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        if cells[-1] in {"state", "shown by"}:
            continue
        judged = NAMED.search(row) is not None
        assert judged or "not judged" in row or "not shown" in row, row


def test_every_conformance_file_is_in_the_table() -> None:
    """A new file of modules has rows."""
    ours = {
        file for file in files() if "/test_conformance_" in file and file.startswith("tests/idp_endpoints/")
    }
    assert ours <= {home(name) for name, _ in named()}

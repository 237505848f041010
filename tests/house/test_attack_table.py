"""docs/attacks.md cannot rot: each attack has tests that cite it, each test that is named exists and is marked."""

from __future__ import annotations

from tests.house.attack_table import ROW, TABLE, citing, completed, read_tests, rows
from tests.house.tree import text

DEMANDED = {*range(1, 56), 58, 59, 60}
"""Protocol, sign-in, identity and platform; 56 and 57 are about wallets, which there are none of here."""
REMEDY = "python -m tests.house.attack_table"


def test_every_attack_has_a_test() -> None:
    """Each number once, in order, none of those that concern us missing."""
    numbers = [int(number) for number, _, _ in ROW.findall(text(TABLE))]
    assert numbers == sorted(set(numbers))
    assert set(numbers) >= DEMANDED


def test_every_named_test_is_there_and_marked() -> None:
    """A name that changed, or a marker that was lost, is found here."""
    for number, _, cell in ROW.findall(text(TABLE)):
        assert cell.count("`") // 2 == len(rows()[int(number)][1]) > 0, number
        missing = [
            f"{path}::{name}"
            for path, name in rows()[int(number)][1]
            if not read_tests(path).get(name, (False, frozenset()))[0]
        ]
        assert not missing, (number, missing)


def test_who_cites_an_attack_is_marked_and_in_its_row() -> None:
    """``pytest -m attack`` runs whatever says that it keeps one out, and the page names it."""
    unmarked = [f"{path}::{name}" for path, name, marked, _ in citing() if not marked]
    assert not unmarked, f"a test that cites an attack has the marker `attack`: {unmarked}"
    assert completed(text(TABLE)) == text(TABLE), REMEDY


def test_every_attack_is_cited() -> None:
    """In each row stands a test whose docstring names the number, so that it is found from the code as well."""
    named = {number for _, _, _, number in citing()}
    assert not DEMANDED - named, DEMANDED - named

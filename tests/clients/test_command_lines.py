"""What checks a paper, a card or a receipt offline says how it wants to be called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients import cards, papers, receipts


@pytest.mark.parametrize(
    ("name", "main", "operands"),
    [
        ("cards", cards.main, 2),
        ("cards", cards.main, 4),
        ("papers", papers.main, 2),
        ("receipts", receipts.main, 2),
    ],
)
def test_operands_that_are_missing_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    main: Callable[[], int],
    operands: int,
) -> None:
    """Too few operands, or more than there are: one line of usage, nothing on standard output, status 2."""
    monkeypatch.setattr("sys.argv", [name, *"abcd"[:operands]])
    assert main() == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"usage: python -m clients.{name} ")
    assert said.out == ""

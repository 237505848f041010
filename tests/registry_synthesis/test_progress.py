"""The bar of a long command."""

from __future__ import annotations

import io

from population_registry.progress import ProgressBar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_with_rate_and_time_left() -> None:
    """Half of the people after ten seconds: as many a second, ten seconds left; one line, drawn over."""
    times = iter([0.0, 10.0, 20.0])
    screen = _Terminal()
    bar = ProgressBar(screen, "building indexes …", lambda: next(times))
    bar(500_000, 1_000_000)
    assert "500,000 of 1,000,000 · 50,000/s · 0:10 left" in screen.getvalue()
    assert screen.getvalue().count("█") == screen.getvalue().count("░")
    bar(1_000_000, 1_000_000)
    assert screen.getvalue().count("\n") == 2
    assert screen.getvalue().endswith("building indexes …\n")


def test_a_log_sees_a_line_now_and_then() -> None:
    """Where nobody watches, at most some twenty lines, the last one always."""
    log = io.StringIO()
    bar = ProgressBar(log)
    for done in range(1, 1_001):
        bar(done * 1_000, 1_000_000)
    lines = log.getvalue().splitlines()
    assert len(lines) <= 21
    assert lines[-1] == "populated 1,000,000 of 1,000,000"


def test_an_empty_country_is_no_trouble() -> None:
    """Nothing to do is shown as done."""
    screen = _Terminal()
    ProgressBar(screen)(0, 0)
    assert "0 of 0" in screen.getvalue()

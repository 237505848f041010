"""Plots: from figures to places, and the markup that carries the same figures in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.web.gallery import app as gallery
from web.plots import FLOOR, LEFT, TOP, Plot, Point, Series, bars, columns, lines, rows, scale, step_of

VALUES = st.one_of(st.none(), st.floats(0, 1e9), st.integers(0, 10**9).map(float))


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    """Any plot of counts."""
    points = draw(st.integers(0, 40))
    many = draw(st.integers(1, 4))
    series = (
        Series(f"s{at}", tuple(draw(st.lists(VALUES, min_size=points, max_size=points))))
        for at in range(many)
    )
    return Plot("p", "t", "a", tuple(Point(f"p{at}") for at in range(points)), tuple(series))


@given(plots())
def test_every_mark_stays_on_its_drawing(plot: Plot) -> None:
    """Whatever the figures, boxes and lines stay between the edges, the top line and the zero line."""
    for drawing in (columns(plot), lines(plot)):
        for mark in drawing.marks:
            assert LEFT <= mark.x <= mark.x + mark.width <= 100.001
            assert TOP - 0.001 <= mark.y <= mark.y + mark.height <= FLOOR + 0.001
        assert all(TOP - 0.001 <= tick.y <= FLOOR for tick in drawing.ticks)
    for bar in bars(plot):
        assert all(mark.x + mark.width <= 100.001 for mark in bar.marks or ())


@given(plots())
def test_what_is_withheld_is_nowhere_drawn(plot: Plot) -> None:
    """A small cell leaves no box, no dot and no piece of a line behind; the table says None too."""
    known = sum(value is not None for series in plot.series for value in series.values)
    assert len(lines(plot).marks) == known
    assert len(columns(plot).marks) <= known
    assert [values for _, values in rows(plot)] == list(
        zip(*(series.values for series in plot.series), strict=True)
    )


@given(st.floats(1e-3, 1e12))
def test_a_scale_takes_round_steps(top: float) -> None:
    """Steps of 1, 2 or 5 with zeros, and never more than four of them to the highest value."""
    step = step_of(top)
    assert top / step <= 4.001
    assert f"{step:e}"[0] in "125"


def test_counts_have_no_halves() -> None:
    """A scale of dossiers counts whole ones, and stands also over nothing at all."""
    one = Plot("p", "t", "a", (Point("x"),), (Series("s", (1.0,)),))
    assert scale(one, stacked=True) == (1.0, (0.0, 1.0))
    none = Plot("p", "t", "a", (), (Series("s", ()),))
    assert scale(none, stacked=True)[0] == 1.0
    assert columns(none).marks == ()


def test_a_year_is_named_once_below_its_months() -> None:
    """The group's name stands below the middle of its points; a single point has no room for one on a telephone."""
    points = (Point("12/25", "12", "2025"), *(Point(f"{each}/26", str(each), "2026") for each in (1, 2, 3)))
    drawn = columns(Plot("p", "t", "a", points, (Series("s", (1.0,) * 4),)))
    assert [label.group for label in drawn.labels] == ["", "", "2026", ""]


def test_a_plot_needs_its_figures() -> None:
    """A series that is too short is a mistake of the programmer, not a drawing with a hole."""
    with pytest.raises(ValueError, match="each point"):
        Plot("p", "t", "a", (Point("x"),), (Series("s", ()),))
    with pytest.raises(ValueError, match="series"):
        Plot("p", "t", "a", (), ())


def test_a_plot_is_drawn_and_told() -> None:
    """The page holds the drawing with its name, the same figures as a table, and no inline style (the pages' CSP)."""
    page = TestClient(gallery.create_app()).get("/plots?lang=vi").text
    assert 'role="img" aria-labelledby="months"' in page
    assert page.count("<table") == 4
    assert "không công bố" in page
    assert "style=" not in page

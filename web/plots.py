"""Plots for statistics pages: figures become places on a drawing; macros of ``plot_parts.html`` draw them as SVG.

Pure: no markup and no words here. Across, places are percentages and down they are pixels, so a drawing fills any
width from 320 px up while its letters keep their size; no script, no inline style (the pages' policy allows none).
Every plot is shown with the table of its own figures (`rows`), which says the same to those who do not see it (WCAG
1.1.1). A value that must not be told (a small cell) is ``None`` in both: drawn as a gap, written as a word.

Use: ``{{ ui.columns(plot) }}``, ``{{ ui.lines(plot) }}``, ``{{ ui.bars(plot) }}`` in any template.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import floor, log10
from typing import Final

LEFT: Final = 13.0
"""Percent of the width that the scale's figures take."""
TOP, FLOOR, HEIGHT = 18.0, 182.0, 226.0
"""Pixels from the top: the highest value, the zero line, the whole drawing."""
FILLED: Final = 0.72
STEPS: Final = (1, 2, 5, 10)
FEW: Final = 4
"""So many steps at most between zero and the top of a scale."""
TONES: Final = 4

Value = float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the axis: its whole name, what fits below a column, and what several of them have in common."""

    label: str
    short: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, a value for each point."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is shown. ``share``: values are parts of one, shown as percentages on a scale that ends at 100 %.

    ``name`` is unique on its page; ``axis`` names the points ("month"); ``summary`` says the plot in one sentence.
    """

    name: str
    title: str
    axis: str
    points: tuple[Point, ...]
    series: tuple[Series, ...]
    share: bool = False
    summary: str = ""

    def __post_init__(self) -> None:
        if any(len(each.values) != len(self.points) for each in self.series):
            raise ValueError("a value for each point, please")
        if not 0 < len(self.series) <= TONES:
            raise ValueError(f"between one and {TONES} series, please")


@dataclass(frozen=True, slots=True)
class Mark:
    """One box: percentages across, pixels down. ``tone`` counts the series from 1."""

    x: float
    y: float
    width: float
    height: float
    tone: int
    point: str
    series: str
    value: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A piece of a line between two neighbouring points that are both known."""

    x1: float
    y1: float
    x2: float
    y2: float
    tone: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale and its value."""

    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Label:
    """Words below a point; ``group`` below the middle of several. ``withheld``: nothing may be told of it."""

    x: float
    text: str
    group: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """All places of one drawing."""

    marks: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    left: float = LEFT
    floor: float = FLOOR
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar plot: its boxes side by side, or None where the values may not be told."""

    label: str
    marks: tuple[Mark, ...] | None
    total: Value


def step_of(top: float) -> float:
    """The step of a scale to ``top``: 1, 2 or 5 times a power of ten, so that at most four of them are needed."""
    rough = max(top, 1e-9) / FEW
    power: float = 10.0 ** floor(log10(rough))
    return next(each * power for each in STEPS if each * power >= rough * (1 - 1e-9))


def scale(plot: Plot, *, stacked: bool) -> tuple[float, tuple[float, ...]]:
    """The value at the top and the values of the scale's lines, zero included."""
    if plot.share:
        return 1.0, (0.0, 0.25, 0.5, 0.75, 1.0)
    highest = max(_tops(plot, stacked=stacked), default=0.0)
    step = max(step_of(highest), 1.0)
    count = max(1, -int(-highest // step))
    return step * count, tuple(step * each for each in range(count + 1))


def columns(plot: Plot) -> Drawing:
    """Upright boxes, one place for each point; several series stand on each other."""
    top, lines = scale(plot, stacked=True)
    slot = _slot(plot)
    marks = []
    for at, point in enumerate(plot.points):
        base = FLOOR
        for tone, series in enumerate(plot.series, 1):
            value = series.values[at]
            if value is None or value <= 0:
                continue
            tall = value / top * (FLOOR - TOP)
            left = LEFT + slot * (at + (1 - FILLED) / 2)
            base -= tall
            marks.append(Mark(left, base, slot * FILLED, tall, tone, point.label, series.name, value))
    return Drawing(tuple(marks), (), _ticks(lines, top), _labels(plot))


def lines(plot: Plot) -> Drawing:
    """A line for each series, broken where a value is not known; each value is a small box of its own."""
    top, steps = scale(plot, stacked=False)
    slot = _slot(plot)
    marks, strokes = [], []
    for tone, series in enumerate(plot.series, 1):
        places: list[tuple[float, float] | None] = []
        for at, value in enumerate(series.values):
            if value is None:
                places.append(None)
                continue
            place = (LEFT + slot * (at + 0.5), FLOOR - value / top * (FLOOR - TOP))
            places.append(place)
            marks.append(Mark(*place, 0.0, 0.0, tone, plot.points[at].label, series.name, value))
        strokes += [Stroke(*a, *b, tone) for a, b in pairwise(places) if a is not None and b is not None]
    return Drawing(tuple(marks), tuple(strokes), _ticks(steps, top), _labels(plot))


def bars(plot: Plot) -> tuple[Bar, ...]:
    """Lying boxes, a line for each point: for names that are long. Percentages of the longest line."""
    top = 1.0 if plot.share else max(_tops(plot, stacked=True), default=0.0) or 1.0
    return tuple(_bar(plot, at, top) for at in range(len(plot.points)))


def rows(plot: Plot) -> list[tuple[str, tuple[Value, ...]]]:
    """The table of the same figures: the name of each point with its values."""
    return [
        (point.label, tuple(series.values[at] for series in plot.series))
        for at, point in enumerate(plot.points)
    ]


def _bar(plot: Plot, at: int, top: float) -> Bar:
    values = [series.values[at] for series in plot.series]
    known = [value for value in values if value is not None]
    if not known:
        return Bar(plot.points[at].label, None, None)
    marks, left = [], 0.0
    for tone, (series, value) in enumerate(zip(plot.series, values, strict=True), 1):
        if value is not None and value > 0:
            wide = value / top * 100
            marks.append(Mark(left, 0.0, wide, 0.0, tone, plot.points[at].label, series.name, value))
            left += wide
    return Bar(plot.points[at].label, tuple(marks), sum(known))


def _tops(plot: Plot, *, stacked: bool) -> Iterable[float]:
    for at in range(len(plot.points)):
        known = [value for series in plot.series if (value := series.values[at]) is not None]
        if known:
            yield sum(known) if stacked else max(known)


def _slot(plot: Plot) -> float:
    return (100 - LEFT) / max(len(plot.points), 1)


def _ticks(values: Iterable[float], top: float) -> tuple[Tick, ...]:
    return tuple(Tick(FLOOR - value / top * (FLOOR - TOP), value) for value in values)


def _labels(plot: Plot) -> tuple[Label, ...]:
    slot = _slot(plot)
    named = _middles(plot.points)
    return tuple(
        Label(
            LEFT + slot * (at + 0.5),
            point.short or point.label,
            named.get(at, ""),
            withheld=all(series.values[at] is None for series in plot.series),
        )
        for at, point in enumerate(plot.points)
    )


def _middles(points: tuple[Point, ...]) -> dict[int, str]:
    """Where the name of each group stands: below its middle, and nowhere below a single point beside others."""
    found: dict[int, str] = {}
    start = 0
    for group, run in groupby(point.group for point in points):
        length = len(list(run))
        if length > 1 or length == len(points):
            found[start + (length - 1) // 2] = group
        start += length
    return found

"""The registry's figures as tables and a plot in ``docs/performance.md``, between marks of their own."""

import math
import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from benchmarks.registry.questions import SCENARIOS
from benchmarks.report import DOCS, PAGE

PLOT: Final = DOCS / "performance-registry.svg"
BEGIN: Final = "<!-- registry figures begin -->"
END: Final = "<!-- registry figures end -->"
COLOURS: Final = ("#8a8a8a", "#9c1c1f", "#c77d2e", "#5b3a8c", "#2f6f4e", "#1f5f8b")
PHASES: Final = ("take in", "answer", "finish")
WIDTH, HEIGHT, PANEL = 900, 360, 430
Line = tuple[str, str, Sequence[tuple[int, float]]]


def write(result: Mapping[str, Any]) -> None:
    """Replace the figures in the page, and the plot beside it."""
    PLOT.write_text(plot(result["sizes"]), encoding="utf-8")
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n{tables(result)}\n{END}{tail}", encoding="utf-8")


def tables(result: Mapping[str, Any]) -> str:
    """The tables in Markdown."""
    sizes = result["sizes"]
    lines = [
        (
            f"Measured {datetime.now(UTC):%Y-%m-%d} with `python -m benchmarks.registry`: {result['count']} requests"
            f" a round, median of {result['rounds']} rounds after one to warm up, 16 connections,"
            f" {platform.python_implementation()} {platform.python_version()}, one API process on one core, a durable"
            " engine. Every question is a first one: it spends guesses, is logged and gets a receipt."
        ),
        "",
        "| | people | CPU µs, API | CPU µs, its backends | a second on one core of the API | p50 / p99 ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for scenario in SCENARIOS:
        for size in sizes:
            row = size["single"].get(scenario.name)
            if row is None:
                continue
            lines.append(
                f"| {scenario.title} | {size['people']:,} | {row['cpu_microseconds']:.0f} |"
                f" {row['engine_microseconds']:.0f} | {1e6 / row['cpu_microseconds']:.0f} |"
                f" {row['p50_milliseconds']:.1f} / {row['p99_milliseconds']:.1f} |"
            )
    lines += [
        "",
        "Resident memory of the API process afterwards: "
        + ", ".join(f"{size['memory']:.0f} MB at {size['people']:,}" for size in sizes)
        + ".",
        "",
        "Batches of one worker, rows for each CPU second of the worker / of its backends:",
        "",
        "| people, rows | names | take in | answer | finish | worker, all phases | plain SQL join |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for size in sizes:
        for names in ("exact", "fuzzy") if size["batches"] else ():
            rates = size["batches"][names]["rows_per_s"]
            cells = [f"{rates[p]['worker_cpu']:,} / {rates[p]['engine_cpu']:,}" for p in PHASES]
            lines.append(
                f"| {size['people']:,}, {size['batches']['rows']:,} | {names} | {' | '.join(cells)} |"
                f" {worker_rate(rates):,.0f} | {rates['plain join']:,} |"
            )
    for size in sizes:
        if size["filled"]:
            made = size["filled"]
            lines += [
                "",
                (
                    f"Synthesis of {size['people']:,} people into a new database: {made['seconds']:.0f} s,"
                    f" {size['people'] / made['cpu_seconds']:,.0f} people for each CPU second of the makers."
                ),
            ]
    return "\n".join(lines)


def worker_rate(rates: Mapping[str, Any]) -> float:
    """Rows for each CPU second of the worker over all its phases."""
    return 1 / sum(1 / rates[phase]["worker_cpu"] for phase in PHASES)


def plot(sizes: Sequence[Mapping[str, Any]]) -> str:
    """Two panels over the number of people: CPU time of a question, rows of a batch."""
    singles: list[Line] = [
        (
            scenario.title,
            colour,
            [(s["people"], s["single"][scenario.name]["cpu_microseconds"]) for s in sizes],
        )
        for scenario, colour in zip(SCENARIOS, COLOURS, strict=True)
        if all(scenario.name in s["single"] for s in sizes)
    ]
    batched = [s for s in sizes if s["batches"]]
    rows: list[Line] = [
        (title, colour, [(s["people"], value(s["batches"])) for s in batched])
        for title, colour, value in _BATCHES
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"',
            ' font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fffdf8"/>',
            *panel(20, "CPU µs of the API process for each question", singles),
            *panel(20 + PANEL, "Rows for each CPU second of the worker; join: a second", rows),
            "</svg>",
            "",
        ]
    )


_BATCHES: Final[tuple[tuple[str, str, Callable[[Mapping[str, Any]], float]], ...]] = (
    ("exact names", COLOURS[1], lambda both: worker_rate(both["exact"]["rows_per_s"])),
    ("fuzzy names", COLOURS[2], lambda both: worker_rate(both["fuzzy"]["rows_per_s"])),
    ("plain SQL join", COLOURS[0], lambda both: float(both["exact"]["rows_per_s"]["plain join"])),
)


def panel(left: int, title: str, lines: Sequence[Line]) -> list[str]:
    """One panel: people on a logarithmic axis, the figures from zero."""
    parts = [f'<text x="{left}" y="24" font-weight="bold">{escape(title)}</text>']
    points = [point for _, _, line in lines for point in line]
    if not points:
        return parts
    top, bottom, right = 120, HEIGHT - 30, left + PANEL - 70
    least, most = (f(math.log10(people) for people, _ in points) for f in (min, max))
    highest = max(value for _, value in points) * 1.1

    def place(people: int, value: float) -> tuple[float, float]:
        share = (math.log10(people) - least) / (most - least) if most > least else 0.5
        return left + 60 + share * (right - left - 60), bottom - value / highest * (bottom - top)

    parts.append(f'<path d="M{left + 50} {top}V{bottom}H{right + 10}" fill="none" stroke="#666"/>')
    for people in sorted({people for people, _ in points}):
        x, _ = place(people, 0)
        parts.append(f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle">{people:,}</text>')
    for number, (name, colour, line) in enumerate(lines):
        at = [place(*point) for point in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), (_, value) in zip(at, line, strict=True):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" font-size="10">{value:,.0f}</text>')
        y = 42 + number * 15
        parts.append(f'<rect x="{left}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{left + 16}" y="{y}">{escape(name)}</text>')
    return parts

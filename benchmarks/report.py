"""The figures as a table and a plot in ``docs/performance.md``; everything between the marks is written here."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

DOCS: Final = Path(__file__).parent.parent / "docs"
PAGE: Final = DOCS / "performance.md"
PLOT: Final = DOCS / "performance.svg"
BEGIN: Final = "<!-- figures begin -->"
END: Final = "<!-- figures end -->"
COLUMNS: Final = ("CPU µs", "req/s", "p50 / p99 ms")
ROW, LABEL, WIDTH = 34, 300, 900


def write(result: Mapping[str, Any]) -> None:
    """Replace the figures in the page, and the plot beside it."""
    PLOT.write_text(plot(result["rows"]), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n{table(result)}\n{END}{tail}", encoding="utf-8")


def table(result: Mapping[str, Any]) -> str:
    """The table in Markdown."""
    lines = [
        (
            f"Measured {datetime.now(UTC):%Y-%m-%d} with `make bench`: {result['count']} requests a round, median of"
            f" {result['rounds']} rounds after one to warm up, 16 connections, {platform.python_implementation()}"
            f" {platform.python_version()}, one process each on one core."
        ),
        "",
        f"| | {' | '.join(f'{what}, {who}' for what in COLUMNS for who in ('ours', 'peer'))} | CPU ratio |",
        "|---|" + "---:|" * 7,
    ]
    for row in result["rows"]:
        ours, peer = row["ours"], row["peer"]
        lines.append(
            f"| {row['title']} | {ours['cpu_microseconds']:.0f} | {peer['cpu_microseconds']:.0f}"
            f" | {ours['requests_per_second']:.0f} | {peer['requests_per_second']:.0f}"
            f" | {ours['p50_milliseconds']:.1f} / {ours['p99_milliseconds']:.1f}"
            f" | {peer['p50_milliseconds']:.1f} / {peer['p99_milliseconds']:.1f} | **{row['ratio']:.2f}** |"
        )
    ours, peer = result["logins"]["ours"], result["logins"]["peer"]
    lines += [
        "",
        (
            "A whole login, one at a time, from the first redirect to tokens: ours"
            f" {ours['cpu_milliseconds']:.0f} ms of CPU, {ours['milliseconds']:.0f} ms in all, with pages and"
            f" argon2id; the peer, which has neither pages nor a password, {peer['cpu_milliseconds']:.1f} and"
            f" {peer['milliseconds']:.1f} ms."
        ),
    ]
    memory = result["memory"]
    lines += ["", f"Resident memory afterwards: ours {memory['ours']:.0f} MB, peer {memory['peer']:.0f} MB."]
    return "\n".join(lines)


def plot(rows: list[Mapping[str, Any]]) -> str:
    """Two bars a row: CPU time of ours and of the peer."""
    most = max(max(row["ours"]["cpu_microseconds"], row["peer"]["cpu_microseconds"]) for row in rows)
    scale = (WIDTH - LABEL - 90) / most
    height = ROW * len(rows) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fffdf8"/>',
        '<text x="16" y="24" font-weight="bold">CPU time per request, µs (less is better)</text>',
        '<rect x="560" y="13" width="12" height="12" fill="#9c1c1f"/><text x="578" y="24">Định Danh</text>',
        '<rect x="680" y="13" width="12" height="12" fill="#b9a77c"/><text x="698" y="24">npm oidc-provider</text>',
    ]
    for number, row in enumerate(rows):
        top = 42 + number * ROW
        parts.append(f'<text x="{LABEL - 10}" y="{top + 17}" text-anchor="end">{escape(row["title"])}</text>')
        for offset, side, colour in ((0, "ours", "#9c1c1f"), (13, "peer", "#b9a77c")):
            value = row[side]["cpu_microseconds"]
            length = max(1.0, value * scale)
            parts.append(
                f'<rect x="{LABEL}" y="{top + offset}" width="{length:.1f}" height="11" fill="{colour}"/>'
                f'<text x="{LABEL + length + 6:.1f}" y="{top + offset + 10}" font-size="11">{value:.0f}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])

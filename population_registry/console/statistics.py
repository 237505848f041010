"""Statistics of the officer's territory: Decision 766 groups, plots by month, a table by one dimension, CSV.

Exact figures, counted at this moment: officers answer for every dossier of their territory. Strangers read
`/v1/statistics`, where small groups are hidden.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from population_registry.api.counting import Statistics
from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.console.wording import procedure_name
from population_registry.dossiers.statistics import By, Cell, Tally, grouped, only, total
from population_registry.operators.officers import Officer, Place, Power, Role, covers
from population_registry.procedures.catalogue import PROCEDURES
from web import PageProblem, Texts
from web.plots import Plot, Point, Series

PATH: Final = f"{HOME}/statistics"
PLOTTED: Final = 15
MONTHS_OFFERED: Final = 12
COUNTS: Final = (
    *("filed", "received", "waiting", "on_time", "late", "overdue", "decided", "online", "assisted"),
    *("payable", "paid"),
)
SHARES: Final = ("on_time_share", "online_share", "assisted_share", "paid_share", "mean_days")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is shown."""

    by: By
    first: str
    last: str
    procedure: str


def wanted_of(request: Request, counting: Statistics) -> Wanted:
    """What the address asks for; without words this year so far, by procedure. Raises PageProblem 400."""
    asked = request.query_params
    last = asked.get("to") or counting.month
    first = asked.get("from") or f"{last[:4]}-01"
    by = next((each for each in By if each.value == asked.get("by", By.PROCEDURE.value)), None)
    procedure = asked.get("procedure", "")
    if by is None or (procedure and procedure not in PROCEDURES):
        raise PageProblem(400, "bad-request")
    return Wanted(by, first, last, procedure)


def sees(officer: Officer, commune: str, province: str) -> bool:
    """Whether the figures of a commune are this officer's to see; what belongs to none is the country's."""
    return covers_all(officer) or covers(officer, (Place(commune, province),))


def covers_all(officer: Officer) -> bool:
    """Whether the officer's figures are those of the whole country."""
    return officer.territory is None and officer.role in {Role.CENTRE_OFFICER, Role.AUDITOR}


async def cells_of(work: Work, wanted: Wanted) -> dict[Cell, Tally]:
    """The exact cells of the officer's territory. Raises PageProblem 400, 503."""
    counting = work.console.statistics
    months = counting.months(wanted.first, wanted.last)
    if months is None:
        raise PageProblem(400, "bad-request")
    return only(
        await counting.cells(months, fresh=True),
        lambda cell: (
            wanted.procedure in {"", cell.procedure}
            and sees(work.officer, cell.commune, counting.province_of(cell.commune))
        ),
    )


@at_desk(Power.SEE_STATISTICS)
async def page(request: Request, work: Work) -> Response:
    """Groups, plots, table."""
    counting, texts = work.console.statistics, work.console.pages.texts_for(request)
    wanted = wanted_of(request, counting)
    cells = await cells_of(work, wanted)
    name = naming(work, texts, wanted.by)
    months = grouped(cells, By.MONTH, counting.province_of)
    rows = grouped(cells, wanted.by, counting.province_of)
    everything = total(rows)
    plots = [stacked(months, texts), shares(months, texts)] if everything.filed else []
    if everything.filed and wanted.by is not By.MONTH:
        plots.append(busiest(rows, name, texts, wanted.by))
    return render(
        request,
        work,
        "statistics.html",
        wanted=wanted,
        everything=everything,
        groups=groups_of(everything, cells),
        rows=[(name(code), row) for code, row in rows.items()],
        plots=plots,
        months=recent(counting.month),
        procedures=sorted(PROCEDURES),
        dimensions=[By.PROCEDURE, By.PROVINCE, By.COMMUNE, By.MONTH],
        csv=f"{PATH}.csv?{request.url.query}",
    )


@at_desk(Power.SEE_STATISTICS)
async def as_csv(request: Request, work: Work) -> Response:
    """The table of the same question as CSV (RFC 4180), UTF-8 with a mark so that spreadsheets read Vietnamese."""
    counting, texts = work.console.statistics, work.console.pages.texts_for(request)
    wanted = wanted_of(request, counting)
    rows = grouped(await cells_of(work, wanted), wanted.by, counting.province_of)
    name, text = naming(work, texts, wanted.by), io.StringIO()
    writer = csv.writer(text)
    writer.writerow([wanted.by.value, "name", *COUNTS, *SHARES])
    for code, row in rows.items():
        values = [getattr(row, each) for each in (*COUNTS, *SHARES)]
        writer.writerow([code, name(code), *("" if value is None else value for value in values)])
    headers = {
        "Content-Disposition": f'attachment; filename="thong-ke-{wanted.first}-{wanted.last}.csv"',
        "Cache-Control": "no-store",
    }
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def naming(work: Work, texts: Texts, by: By) -> Callable[[str], str]:
    """The name of a row's code."""
    places = work.console.references.places

    def named(code: str) -> str:
        if by is By.PROCEDURE:
            return procedure_name(texts, code)
        if by is By.MONTH:
            return f"{code[5:]}/{code[:4]}"
        units: Mapping[str, Any] = places.provinces if by is By.PROVINCE else places.communes
        unit = units.get(code)
        return texts.t("console.stat.nowhere") if unit is None else str(unit.name)

    return named


def groups_of(everything: Tally, cells: Mapping[Cell, Tally]) -> list[tuple[str, str, float | None, str]]:
    """What of the index of Decision 766/QĐ-TTg these figures hold: group, indicator, value, kind of value."""
    procedures = {cell.procedure for cell, row in cells.items() if row.filed}
    online = {cell.procedure for cell, row in cells.items() if row.online}
    used = round(len(online) / len(procedures), 3) if procedures else None
    return [
        ("progress", "2.1", everything.on_time_share, "share"),
        ("progress", "2.2", everything.mean_days, "days"),
        ("online", "3.2", used, "share"),
        ("online", "3.3", everything.online_share, "share"),
        ("online", "assisted", everything.assisted_share, "share"),
        ("payment", "3.6", everything.paid_share, "share"),
    ]


def stacked(months: Mapping[str, Tally], texts: Texts) -> Plot:
    """On time, late, overdue, waiting: how the dossiers of each month stand."""
    parts = ("on_time", "late", "overdue")
    series = [
        Series(texts.t(f"console.stat.{each}"), tuple(float(getattr(row, each)) for row in months.values()))
        for each in parts
    ]
    return Plot(
        "by-month",
        texts.t("console.stat.by_month"),
        texts.t("console.stat.month"),
        points(months),
        tuple(series),
    )


def shares(months: Mapping[str, Tally], texts: Texts) -> Plot:
    """Shares of each month; a month without dossiers is a gap."""
    series = [
        Series(texts.t(f"console.stat.{each}"), tuple(getattr(row, each) for row in months.values()))
        for each in ("on_time_share", "online_share", "assisted_share")
    ]
    title = texts.t("console.stat.shares")
    return Plot("shares", title, texts.t("console.stat.month"), points(months), tuple(series), share=True)


def busiest(rows: Mapping[str, Tally], name: Callable[[str], str], texts: Texts, by: By) -> Plot:
    """Where most was filed: online by oneself, online with help, otherwise."""
    most = sorted(rows.items(), key=lambda each: -each[1].filed)[:PLOTTED]
    parts = {
        "console.stat.alone": tuple(float(max(row.online - row.assisted, 0)) for _, row in most),
        "console.stat.helped": tuple(float(row.assisted) for _, row in most),
        "console.stat.paper": tuple(float(row.filed - max(row.online, row.assisted)) for _, row in most),
    }
    return Plot(
        "channels",
        texts.t("console.stat.channels"),
        texts.t(f"console.stat.{by.value}"),
        tuple(Point(name(code)) for code, _ in most),
        tuple(Series(texts.t(key), values) for key, values in parts.items()),
    )


def points(months: Mapping[str, Tally]) -> tuple[Point, ...]:
    """Months on the axis, their years below."""
    return tuple(Point(f"{each[5:]}/{each[:4]}", each[5:], each[:4]) for each in months)


def recent(month: str) -> list[str]:
    """The months that the form offers, the newest first."""
    year, number = int(month[:4]), int(month[5:])
    found = []
    for _ in range(MONTHS_OFFERED):
        found.append(f"{year:04d}-{number:02d}")
        year, number = (year - 1, 12) if number == 1 else (year, number - 1)
    return found

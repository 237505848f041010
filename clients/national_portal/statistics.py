"""The public figures as plots and tables: what the registry publishes, and how content people were. Pure.

Groups and formulas by Decision 766/QĐ-TTg (domain facts, public services, section 7): 2.1 on time, 2.2 mean duration,
3.3 filed online, 3.6 paid online, 4.5 use of population data, 5.4 = 100 % - (late + negative feedback). Whatever the
registry does not tell (a small group) stays ``None``; no figure is worked out from others that would tell it.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clients.national_portal.figures import DIMENSIONS, Asked, months_of
from web.plots import Plot, Point, Series

Text = Callable[[str], str]
Answer = Mapping[str, Any]
COLUMNS: Final = (
    "filed",
    "received",
    "refused_intake",
    "waiting",
    "on_time",
    "late",
    "overdue",
    "decided",
    "online",
    "assisted",
    "payable",
    "paid",
    "on_time_share",
    "online_share",
    "assisted_share",
    "paid_share",
    "mean_days",
)
NEGATIVE: Final = (1, 2)
MARKS: Final = (5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Marks by how often they were given; empty where too few were."""

    counts: Mapping[int, int]

    @property
    def total(self) -> int:
        """All marks."""
        return sum(self.counts.values())

    def share(self, *marks: int) -> float | None:
        """The share of these marks in steps of 5 %, so that no difference of two answers tells one mark; or None."""
        if not self.total:
            return None
        return round(sum(self.counts.get(mark, 0) for mark in marks) / self.total * 20) / 20

    def index(self, on_time: float | None) -> float | None:
        """Index 5.4: 100 % less late dossiers and negative feedback, never below nothing."""
        negative = self.share(*NEGATIVE)
        if on_time is None or negative is None:
            return None
        return max(0.0, 1 - (1 - on_time) - negative)


def plots(
    asked: Asked, found: Mapping[str, Answer], content: Satisfaction, t: Text, language: str
) -> Mapping[str, Plot]:
    """Every plot of the page by its name."""
    months = {row["code"]: row for row in found["month"]["rows"]}
    axis = months_of(asked)
    points = tuple(Point(f"{each[5:]}/{each[:4]}", str(int(each[5:])), each[:4]) for each in axis)

    def monthly(name: str) -> tuple[float | None, ...]:
        return tuple(_value(months.get(each), name) for each in axis)

    marks = tuple(content.share(mark) for mark in MARKS)
    return {
        "months": Plot(
            "plot-months",
            t("statistics.by_month"),
            t("statistics.month"),
            points,
            (
                Series(t("statistics.on_time"), monthly("on_time")),
                Series(t("statistics.waiting"), monthly("waiting")),
                Series(t("statistics.late"), monthly("late")),
            ),
        ),
        "online": Plot(
            "plot-online",
            t("statistics.online_by_month"),
            t("statistics.month"),
            points,
            (
                Series(t("statistics.online_share"), monthly("online_share")),
                Series(t("statistics.assisted_share"), monthly("assisted_share")),
            ),
            share=True,
        ),
        "procedures": _by("procedure", found["procedure"], t, language),
        "provinces": _by("province", found["province"], t, language),
        "content": Plot(
            "plot-content",
            t("statistics.content"),
            t("rating.mark"),
            tuple(Point(t(f"rating.mark_{mark}")) for mark in MARKS),
            (Series(t("statistics.share"), marks),),
            share=True,
        ),
    }


def _by(dimension: str, answer: Answer, t: Text, language: str) -> Plot:
    rows = sorted(answer["rows"], key=lambda row: (-row["filed"], row["code"]))
    others = answer.get("others")
    points = [Point(_name(row, t, language)) for row in rows]
    if others is not None:
        rows = [*rows, others]
        points.append(Point(t("statistics.others")))
    return Plot(
        f"plot-{dimension}",
        t("statistics.by_procedure") if dimension == "procedure" else t("statistics.by_province"),
        t("statistics.procedure") if dimension == "procedure" else t("statistics.province"),
        tuple(points),
        tuple(
            Series(t(key), tuple(_value(row, name) for row in rows))
            for name, key in (
                ("on_time", "statistics.on_time"),
                ("waiting", "statistics.waiting"),
                ("late", "statistics.late"),
            )
        ),
    )


def _name(row: Answer, t: Text, language: str) -> str:
    name = str(row["name_en"] if language == "en" else row["name_vi"])
    return name or t("statistics.central")


def _value(row: Answer | None, name: str) -> float | None:
    value = None if row is None else row.get(name)
    return None if value is None else float(value)


def rows_of(found: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Every group of every dimension as one flat row."""
    flat: list[dict[str, Any]] = []
    for by in DIMENSIONS:
        groups: Sequence[Answer] = found[by]["rows"]
        flat += [
            {"by": by, "code": row["code"], "name_vi": row["name_vi"], "name_en": row["name_en"]}
            | {name: row.get(name) for name in COLUMNS}
            for row in groups
        ]
        for kind in ("others", "total"):
            if (sums := found[by].get(kind)) is not None:
                named = {"by": by, "code": kind, "name_vi": "", "name_en": ""}
                flat.append(named | {name: sums.get(name) for name in COLUMNS})
    return flat


def as_csv(found: Mapping[str, Answer]) -> str:
    """The same as comma-separated values; no cell begins like a formula (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ("by", "code", "name_vi", "name_en", *COLUMNS))
    writer.writeheader()
    for row in rows_of(found):
        writer.writerow({name: _plain(value) for name, value in row.items()})
    return out.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value

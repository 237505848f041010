"""``python -m tests.journeys.country_process``: the demo of ``make demo``, with services that can be away."""

from __future__ import annotations

import sys
from dataclasses import replace

from demo.__main__ import main
from demo.place import Place
from demo.rows import Row
from demo.services import PRELOADED, table

INTERRUPTIBLE = ("registry", "national_portal")


def rows(place: Place) -> tuple[Row, ...]:
    """The table of the demo; some services get a parent that outlives them."""
    return tuple(_interruptible(place, row) if row.name in INTERRUPTIBLE else row for row in table(place))


def _interruptible(place: Place, row: Row) -> Row:
    python, option, *service = row.command
    parent = (python, option, "tests.journeys.interruptible", str(place.var / f"{row.name}.pid"))
    return replace(row, command=(*parent, *service))


if __name__ == "__main__":
    sys.exit(main(rows, PRELOADED))

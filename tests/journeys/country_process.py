"""``python -m tests.journeys.country_process``: the demo of ``make demo``, with a registry that can be away."""

from __future__ import annotations

import sys
from dataclasses import replace

from demo.__main__ import main
from demo.place import Place
from demo.rows import Row
from demo.services import PRELOADED, table

INTERRUPTIBLE = "registry"


def rows(place: Place) -> tuple[Row, ...]:
    """The table of the demo; one service gets a parent that outlives it."""
    return tuple(_interruptible(place, row) if row.name == INTERRUPTIBLE else row for row in table(place))


def _interruptible(place: Place, row: Row) -> Row:
    python, option, *service = row.command
    parent = (python, option, "tests.journeys.interruptible", str(place.var / f"{row.name}.pid"))
    return replace(row, command=(*parent, *service))


if __name__ == "__main__":
    sys.exit(main(rows, PRELOADED))

"""The demo without its portals: the provider, the registry and their stores, and nothing else that takes CPU time."""

from __future__ import annotations

import sys

from demo.__main__ import main
from demo.place import Place
from demo.rows import Row
from demo.services import PORTALS, table


def without_portals(place: Place) -> tuple[Row, ...]:
    """The rows of the demo; of each portal only its keys, which the provider's clients are made of."""
    idle = {name for portal in PORTALS for name in (portal, f"migrate-{portal}")}
    return tuple(row for row in table(place) if row.name not in idle)


if __name__ == "__main__":
    sys.exit(main(without_portals))

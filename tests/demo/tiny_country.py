"""The real supervisor over a table of three rows: a step, and two tiny services."""

import os
import sys
from pathlib import Path

from demo.__main__ import main
from demo.place import Place
from demo.rows import Row, Service, Step

SERVICE = str(Path(__file__).with_name("tiny_service.py"))
STEP = "import sys; open(sys.argv[1], 'a').write('done once\\n'); sys.exit(int(sys.argv[2]))"


def tiny_table(place: Place) -> tuple[Row, ...]:
    """A step that leaves a line in ``ledger`` and two services that need it."""
    ledger = place.var / "ledger"
    step = (sys.executable, "-c", STEP, str(ledger), os.environ.get("STEP_CODE", "0"))
    services = tuple(
        Service(
            name=name,
            label=f"tiny {name}",
            command=(sys.executable, SERVICE, str(place.port(name))),
            port=place.port(name),
            url=place.url(name),
            health="/health/ready",
            needs=("ledger",),
        )
        for name in ("idp", "registry")
    )
    return (Step(name="ledger", label="the ledger", command=step, makes=(ledger,)), *services)


if __name__ == "__main__":
    sys.exit(main(tiny_table))

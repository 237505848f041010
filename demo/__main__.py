"""``python -m demo``: the whole country on one machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Callable

from demo.checks import hold_lock, require_disk, require_ports
from demo.place import Place, TroubleError
from demo.rows import Row
from demo.services import PRELOADED, SECRETS, table
from demo.supervisor import Supervisor
from demo.welcome import welcome

NEARLY_FULL = 20_000_000  # bytes free below which a full disk is the likely reason for any trouble
Table = Callable[[Place], tuple[Row, ...]]


def main(rows_of: Table = table, preloaded: tuple[str, ...] = PRELOADED) -> int:
    """Run the rows of the demo; 0 after an orderly stop, 1 after trouble that was explained."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Run the whole country on this machine."
    )
    parser.add_argument("--check", action="store_true", help="stop as soon as everything was ready once")
    arguments = parser.parse_args()
    place = None
    try:
        place = Place.from_environment()
        with hold_lock(place):
            require_disk(place)
            require_ports(place)
            asyncio.run(_run(place, rows_of(place), preloaded, until_ready=arguments.check))
    except TroubleError as trouble:
        _say(f"\n{trouble}")
        if place and place.var.exists() and shutil.disk_usage(place.var).free < NEARLY_FULL:
            _say(f"The disk of {place.var} is full; free some space and start again.")
        return 1
    return 0


async def _run(place: Place, rows: tuple[Row, ...], preloaded: tuple[str, ...], *, until_ready: bool) -> None:
    _say(f"Định Danh: dữ liệu · data {place.var}, cổng từ · ports from {place.port_base}")
    place.draw(SECRETS)
    place.templates.mkdir(mode=0o700, exist_ok=True)
    supervisor = Supervisor(place, rows, preloaded, _say)
    await supervisor.run(lambda: _say(welcome(rows, place.personas)), until_ready=until_ready)
    _say("Đã dừng tất cả · Everything is stopped.")


def _say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    sys.exit(main())

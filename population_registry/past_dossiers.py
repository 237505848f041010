"""Command for the demo: `python -m population_registry history`, a year of synthetic dossiers for the statistics."""

import argparse
import os
import sys
from datetime import datetime

from population_registry.dossiers.working_days import VIET_NAM
from population_registry.storage.connections import connect
from population_registry.synthesis.history import write_history


class HistoryCommandError(Exception):
    """The command cannot be run as given; the message is meant for people."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """How many, and from which seed."""
    parser.add_argument("--dossiers", type=int, default=1200, help="how many (default 1200)")
    parser.add_argument("--seed", type=int, default=6, help="same seed and day, same dossiers (default 6)")


async def run(options: argparse.Namespace) -> None:
    """Write the history, unless there is one.

    Raises:
        HistoryCommandError: made-up dossiers have no place among real ones.
    """
    if os.environ.get("DINHDANH_MODE") == "production":
        raise HistoryCommandError("made-up dossiers are for the demo; DINHDANH_MODE is production")
    connection = await connect(options.database)
    try:
        today = datetime.now(VIET_NAM).date()
        written = await write_history(connection, seed=options.seed, count=options.dossiers, today=today)
    finally:
        await connection.close()
    sys.stdout.write(f"{written} dossiers of the past year\n")

"""Command for the access log: `python -m population_registry access-log verify | head`."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from keys import KeyRing
from population_registry.storage.connections import connect
from population_registry.storage.log_checks import LogBroken, check_log, newest_head
from population_registry.storage.log_tree import LogTree


class AccessLogCommandError(Exception):
    """The log is broken, or the command cannot be run as given; the message is meant for people."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `access-log`."""
    commands = parser.add_subparsers(dest="access_log_command", required=True)
    checking = commands.add_parser(
        "verify", help="recompute the tree over every row, against every signed head"
    )
    checking.add_argument("--keys", type=Path, required=True, help="the registry's key folder")
    checking.add_argument("--issuer", required=True, help="the registry's address, as the heads name it")
    checking.add_argument(
        "--witness", type=Path, action="append", default=[], help="a head that was kept outside; repeatable"
    )
    commands.add_parser("head", help="print the newest signed head, to be kept outside")


async def run(options: argparse.Namespace) -> None:
    """Run one of the sub-commands.

    Raises:
        AccessLogCommandError: with a sentence for people.
    """
    connection = await connect(options.database)
    try:
        if options.access_log_command == "head":
            found = await newest_head(connection)
            if found is None:
                raise AccessLogCommandError("no head is signed yet")
            sys.stdout.write(f"{found[1]}\n")
            return
        ring = KeyRing.open(options.keys)
        tree = LogTree(ring, options.issuer, lambda: datetime.now(UTC))
        witnessed = [path.read_text(encoding="ascii").strip() for path in options.witness]
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            whole = await check_log(connection, ring, options.issuer, tree.pseudonym, witnessed)
        sys.stdout.write(f"{whole.rows} rows under {whole.heads} heads are as signed; {whole.waiting} wait\n")
    except LogBroken as broken:
        raise AccessLogCommandError(f"the access log is broken: {broken}") from broken
    except OSError as error:
        raise AccessLogCommandError(f"a file cannot be read: {error}") from error
    finally:
        await connection.close()

"""Command line of the registry: `python -m population_registry serve | work | migrate | populate | …`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import asyncpg
import orjson
from sqlalchemy.exc import DBAPIError

from population_registry import access_log, cards, officers, pairs, past_dossiers, receipts, subscriptions
from population_registry.papers.chip.certificates import SEALS
from population_registry.progress import ProgressBar
from population_registry.settings import RegistrySettings
from population_registry.storage.connections import connect
from population_registry.storage.migrating import migrate
from population_registry.synthesis import (
    BLOCK,
    AlreadyPopulatedError,
    MakingError,
    Manifest,
    PersonaError,
    populate,
    stored_manifest,
)
from population_registry.working import work
from web import SettingsError
from web.serving import add_serving_options, serve

REFUSED = 2
PARTS: Mapping[str, Callable[[argparse.Namespace], Awaitable[None]]] = {
    "access-log": access_log.run,
    "cards": cards.run,
    "seals": cards.run,
    "officers": officers.run,
    "receipts": receipts.run,
    "events": subscriptions.run,
    "history": past_dossiers.run,
}
"""Commands with sub-commands of their own."""


class RefusedError(Exception):
    """The command cannot be run as given; the message is meant for people."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers the exit code: 0 done, 2 refused with a sentence on standard error."""
    options = _parser().parse_args(arguments)
    if options.command == "serve":
        if options.database:
            os.environ["DATABASE_URL"] = options.database
        return serve("population_registry.app:create_app", options)
    if options.command == "pairs":
        pairs.run(options)
        return 0
    if options.command == "work" and options.database:
        os.environ["DATABASE_URL"] = options.database
    return _done(options)


def _done(options: argparse.Namespace) -> int:
    if not options.database and options.command not in {"cards", "seals"}:
        return _refuse("name the database: --database or DATABASE_URL")
    try:
        return asyncio.run(_run(options))
    except (
        RefusedError,
        AlreadyPopulatedError,
        MakingError,
        PersonaError,
        cards.CardCommandError,
        officers.OfficerCommandError,
        receipts.ReceiptCommandError,
        access_log.AccessLogCommandError,
        subscriptions.EventCommandError,
        past_dossiers.HistoryCommandError,
        SettingsError,
    ) as error:
        return _refuse(str(error))
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return _refuse("the database has no registry schema, or an old one; run migrate first")
    except (asyncpg.PostgresError, DBAPIError) as error:
        return _refuse(f"the database refuses: {getattr(error, 'orig', error)}")
    except OSError as error:
        return _refuse(f"the database cannot be reached: {error}")


async def _run(options: argparse.Namespace) -> int:
    if options.command == "migrate":
        await migrate(options.database)
        return 0
    if options.command == "work":
        await work(RegistrySettings.from_environment(), until_idle=options.until_idle)
        return 0
    if (part := PARTS.get(options.command)) is not None:
        await part(options)
        return 0
    if options.command == "populate":
        manifest = await _populate(options, _personas(options.personas))
    else:
        held = await _manifest(options.database)
        if held is None:
            raise RefusedError("the database holds no population yet; run populate")
        manifest = held
    sys.stdout.buffer.write(
        orjson.dumps({"sha256": manifest.digest, **manifest.detail}, option=orjson.OPT_INDENT_2)
    )
    sys.stdout.write("\n")
    return 0


def _personas(path: Path | None) -> str | None:
    if path is None:
        return None
    if os.environ.get("DINHDANH_MODE") == "production":
        raise RefusedError("personas are for the demo; DINHDANH_MODE is production")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"the personas file cannot be read: {error}") from error


async def _populate(options: argparse.Namespace, personas: str | None) -> Manifest:
    finishing = "building indexes …" if options.size > BLOCK else ""
    return await populate(
        options.database,
        seed=options.seed,
        size=options.size,
        personas=personas,
        workers=options.workers,
        progress=None if options.quiet else ProgressBar(sys.stderr, finishing),
    )


async def _manifest(url: str) -> Manifest | None:
    connection = await connect(url)
    try:
        return await stored_manifest(connection)
    finally:
        await connection.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m population_registry", description=__doc__)
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL"), help="default: DATABASE_URL")
    commands = parser.add_subparsers(dest="command", required=True)
    add_serving_options(commands.add_parser("serve", help="answer over http, or https with a certificate"))
    working = commands.add_parser(
        "work", help="work on batches, push events, grow the tree of the log; start as many as you like"
    )
    working.add_argument("--until-idle", action="store_true", help="end when nothing is left to do")
    commands.add_parser("migrate", help="bring schema and reference tables to the newest state")
    fill = commands.add_parser("populate", help="write the synthetic population and the personas; repeatable")
    fill.add_argument("--size", type=_count, default=10_000, help="how many people (default 10000)")
    fill.add_argument("--seed", type=_count, default=6, help="same seed, same people (default 6)")
    cores = len(os.sched_getaffinity(0))
    fill.add_argument(
        "--workers", type=_count, default=cores, help=f"processes that make people (default {cores})"
    )
    fill.add_argument("--personas", type=Path, help="personas.toml of the demo")
    fill.add_argument("--quiet", action="store_true", help="no progress lines")
    commands.add_parser("manifest", help="print what the population was made from")
    officers.add_commands(commands.add_parser("officers", help="who may work at the console"))
    cards.add_commands(commands.add_parser("cards", help="demo cards and the authority that signs them"))
    seals = commands.add_parser("seals", help="the authority and signer of signed papers (CT07)")
    cards.add_commands(seals, SEALS)
    pairs.add_options(commands.add_parser("pairs", help="measure the matching on labelled hard pairs"))
    subscriptions.add_commands(
        commands.add_parser("events", help="who is told of what happens, and how it stands")
    )
    access_log.add_commands(commands.add_parser("access-log", help="check the tree of the access log"))
    past_dossiers.add_options(commands.add_parser("history", help="a year of synthetic dossiers (demo)"))
    receipts.add_commands(commands.add_parser("receipts", help="withdraw a signed receipt"))
    return parser


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError(text)
    return number


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())

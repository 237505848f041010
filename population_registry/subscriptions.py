"""Commands for events out: `python -m population_registry events subscribe | unsubscribe | list | redeliver`."""

import argparse
import re
import sys
from datetime import UTC, datetime
from uuid import UUID

import orjson

from population_registry.settings import RegistrySettings
from population_registry.storage.connections import connect
from population_registry.storage.outbox import (
    Subscription,
    dead_letters,
    queues,
    redeliver,
    subscribe,
    unsubscribe,
)
from web.egress import EgressRefused, read_target

_CLIENT = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_KIND = re.compile(r"[A-Za-z._]{1,60}\*?", re.ASCII)


class EventCommandError(Exception):
    """The command cannot be run as given; the message is meant for people."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `events`."""
    commands = parser.add_subparsers(dest="event_command", required=True)
    subscribing = commands.add_parser("subscribe", help="push events to a client; repeated: change it")
    subscribing.add_argument("client", type=_client)
    subscribing.add_argument("url", help="where the receiver takes Security Event Tokens (RFC 8935)")
    subscribing.add_argument("--audience", required=True, help="`aud` of the tokens")
    subscribing.add_argument("--kinds", nargs="+", required=True, type=_pattern, help="such as registry.*")
    ending = commands.add_parser("unsubscribe", help="push nothing more; what waits is deleted")
    ending.add_argument("client", type=_client)
    commands.add_parser("list", help="subscriptions, their queues, and the dead letters")
    again = commands.add_parser("redeliver", help="push dead letters again")
    again.add_argument("--client", type=_client)
    again.add_argument("--event", type=UUID)


async def run(options: argparse.Namespace) -> None:
    """Run one of the sub-commands.

    Raises:
        EventCommandError: an address that may not be pushed to, or a client that is not subscribed.
        SettingsError: a setting is missing.
    """
    now = datetime.now(UTC)
    if options.event_command == "subscribe":
        try:
            read_target(options.url, RegistrySettings.from_environment().egress_policy)
        except EgressRefused as refused:
            raise EventCommandError(f"events may not be pushed there: {refused.reason}") from refused
    connection = await connect(options.database)
    try:
        async with connection.transaction():
            if options.event_command == "subscribe":
                kinds = tuple(each.replace("*", "%") for each in options.kinds)
                await subscribe(
                    connection, Subscription(options.client, options.url, options.audience, kinds), now
                )
            elif options.event_command == "unsubscribe":
                if not await unsubscribe(connection, options.client):
                    raise EventCommandError("that client is not subscribed")
            elif options.event_command == "redeliver":
                sys.stdout.write(
                    f"{await redeliver(connection, now, options.client, options.event)} wait again\n"
                )
            else:
                shown = {"subscriptions": await queues(connection), "dead": await dead_letters(connection)}
                sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")
    finally:
        await connection.close()


def _client(text: str) -> str:
    if not _CLIENT.fullmatch(text):
        raise ValueError(text)
    return text


def _pattern(text: str) -> str:
    if not _KIND.fullmatch(text):
        raise ValueError(text)
    return text

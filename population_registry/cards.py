"""Commands for demo cards (`cards init | list | issue | revoke`) and for the seals of papers (`seals …`)."""

import argparse
import base64
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
from cryptography import x509

from keys import KeyRefused, KeyRing
from population_registry.domain import NumberRejectedError, parse_number
from population_registry.papers.chip.certificates import CARDS, Line, signs_until
from population_registry.papers.chip.issuing import CardRefusedError, DemoCard, issue_card
from population_registry.papers.keeping import CardKeys, CardKeysError
from population_registry.storage import load_facts
from population_registry.storage.connections import connect
from population_registry.verification.deciding import VIET_NAM


def utc_now() -> datetime:
    """The clock of the commands."""
    return datetime.now(UTC)


class CardCommandError(Exception):
    """The command cannot be run as given; the message is meant for people."""


def add_commands(parser: argparse.ArgumentParser, line: Line = CARDS) -> None:
    """The sub-commands of a line of certificates; only cards are issued here, papers by the API."""
    parser.add_argument("--keys", type=Path, default=os.environ.get("KEYS_DIR"), help="default: KEYS_DIR")
    parser.set_defaults(line=line)
    commands = parser.add_subparsers(dest="card_command", required=True)
    commands.add_parser("init", help="make the authority and a document signer; repeatable")
    commands.add_parser("list", help="show the certificates")
    if line is CARDS:
        issue = commands.add_parser("issue", help="print a demo card of an invented person as JSON")
        issue.add_argument("number", help="personal number")
    revoke = commands.add_parser("revoke", help="believe a document signer no longer")
    revoke.add_argument("serial", type=_serial, help="its serial number, hexadecimal as `list` shows it")


async def run(options: argparse.Namespace) -> None:
    """Run one of the sub-commands.

    Raises:
        CardCommandError: with a sentence for people.
    """
    if options.keys is None:
        raise CardCommandError("name the key folder: --keys or KEYS_DIR")
    now = utc_now()
    try:
        keys_dir = Path(options.keys)
        cards = CardKeys.beside(keys_dir, KeyRing.open(keys_dir), options.line)
        if options.card_command == "init":
            _say(*(f"made {name}" for name in cards.complete(now)))
        elif options.card_command == "list":
            _say(*(_line(role, certificate) for role, certificate in cards.certificates()))
        elif options.card_command == "revoke":
            cards.revoke(options.serial, now)
        else:
            card = await _issue(options, cards, now)
            _say(orjson.dumps(document_of(card), option=orjson.OPT_INDENT_2).decode())
    except (KeyRefused, CardKeysError, CardRefusedError) as refused:
        raise CardCommandError(str(refused)) from refused


def document_of(card: DemoCard) -> dict[str, object]:
    """A card as JSON; each member of it can be sent as `document` of a check."""
    chip = {name: getattr(card.chip, name) for name in ("sod", "dg1", "dg13")}
    encoded = {name: base64.b64encode(file).decode("ascii") for name, file in chip.items()}
    return {"qr": card.qr, "mrz": list(card.mrz), "chip": encoded}


async def _issue(options: argparse.Namespace, cards: CardKeys, now: datetime) -> DemoCard:
    if not options.database:
        raise CardCommandError("name the database: --database or DATABASE_URL")
    try:
        number = str(parse_number(options.number))
    except NumberRejectedError:
        raise CardCommandError("that is no personal number") from None
    connection = await connect(options.database)
    try:
        person = (await load_facts(connection, [number])).subject
    finally:
        await connection.close()
    if person is None:
        raise CardCommandError("nobody has that number")
    return issue_card(person, cards.signer(now), now.astimezone(VIET_NAM).date())


def _line(role: str, certificate: x509.Certificate) -> str:
    return (
        f"{role:<9} {certificate.serial_number:x}  signs until {signs_until(certificate):%Y-%m-%d}, "
        f"believed until {certificate.not_valid_after_utc:%Y-%m-%d}"
    )


def _serial(text: str) -> int:
    return int(text, 16)


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)

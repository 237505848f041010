"""Commands for officers: `python -m population_registry officers appoint | dismiss | cast FILE`.

`cast` appoints the officers of a personas file: for the demo.
"""

import argparse
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from population_registry.domain import NumberRejectedError, PersonalNumber
from population_registry.operators.officers import Role
from population_registry.storage.connections import connect
from population_registry.storage.officers import Appointment, appoint, dismiss

_ID = re.compile(r"\A[A-Za-z0-9._:-]{1,64}\Z", re.ASCII)
_TERRITORY = re.compile(r"\A(\d{2}|\d{5})\Z", re.ASCII)
COUNTRY = frozenset({Role.CENTRE_OFFICER, Role.AUDITOR})
"""Roles whose territory is the whole country; everybody else has one."""


class OfficerCommandError(Exception):
    """The command cannot be run as given; the message is meant for people."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `officers`."""
    commands = parser.add_subparsers(dest="officer_command", required=True)
    appointing = commands.add_parser("appoint", help="appoint somebody, or change the office they hold")
    appointing.add_argument("officer_id", help="as logs will name them, e.g. CA-00166-017")
    appointing.add_argument("--number", required=True, help="their own personal number")
    appointing.add_argument("--agency", required=True)
    appointing.add_argument("--role", choices=[role.value for role in Role], required=True)
    appointing.add_argument("--territory", help="commune (5 digits) or province (2); none for the country")
    dismissing = commands.add_parser("dismiss", help="end an office and its sign-ins at once")
    dismissing.add_argument("officer_id")
    casting = commands.add_parser("cast", help="appoint the officers of a personas file (demo)")
    casting.add_argument("personas", type=Path)


async def run(options: argparse.Namespace) -> None:
    """Run one of the sub-commands.

    Raises:
        OfficerCommandError: with a sentence for people.
    """
    connection = await connect(options.database)
    now = datetime.now(UTC)
    try:
        if options.officer_command == "dismiss":
            if not await dismiss(connection, options.officer_id, now):
                raise OfficerCommandError(f"{options.officer_id} holds no office")
            sys.stdout.write(f"dismissed {options.officer_id}\n")
            return
        wanted = tuple(_cast(options.personas)) if options.officer_command == "cast" else (_asked(options),)
        found = await appoint(connection, wanted, now)
        if found != len(wanted):
            raise OfficerCommandError("a personal number is nobody's; populate first")
        sys.stdout.write(f"appointed {', '.join(each.officer_id for each in wanted)}\n")
    finally:
        await connection.close()


def _asked(options: argparse.Namespace) -> Appointment:
    return _checked(options.number, options.officer_id, options.agency, options.role, options.territory)


def _checked(number: str, officer_id: str, agency: str, role: str, territory: str | None) -> Appointment:
    office = Role(role)
    if not _ID.match(officer_id):
        raise OfficerCommandError("an officer's id is 1 to 64 of A–Z a–z 0–9 . _ : -")
    if (territory is None) != (office in COUNTRY) or (
        territory is not None and not _TERRITORY.match(territory)
    ):
        raise OfficerCommandError(
            f"{officer_id}: a {role} needs {'no' if office in COUNTRY else 'a'} territory"
        )
    try:
        return Appointment(PersonalNumber(number).value, officer_id, agency, office, territory)
    except NumberRejectedError as error:
        raise OfficerCommandError(f"{officer_id}: not a personal number") from error


def _cast(path: Path) -> Iterator[Appointment]:
    if os.environ.get("DINHDANH_MODE") == "production":
        raise OfficerCommandError("personas are for the demo; DINHDANH_MODE is production")
    try:
        people = tomllib.loads(path.read_text(encoding="utf-8")).get("persona", ())
    except (OSError, ValueError) as error:
        raise OfficerCommandError(f"the personas file cannot be read: {error}") from error
    for entry in people:
        account: dict[str, Any] = entry.get("account", {})
        if account.get("type") == "officer":
            yield _checked(
                entry["number"],
                account["officer_id"],
                account["agency"],
                account["role"],
                account.get("territory"),
            )

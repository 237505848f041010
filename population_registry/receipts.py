"""Command for receipts: `python -m population_registry receipts withdraw RECEIPT_ID --reason … --by OFFICER`."""

import argparse
import re
import sys
from datetime import UTC, datetime
from uuid import UUID

from population_registry.storage.withdrawing import Reason, Withdrawal, withdraw

_OFFICER = re.compile(r"[A-Za-z0-9._:\-]{1,64}", re.ASCII)


class ReceiptCommandError(Exception):
    """The command cannot be run as given; the message is meant for people."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `receipts`."""
    commands = parser.add_subparsers(dest="receipt_command", required=True)
    taking_back = commands.add_parser("withdraw", help="say for good that a receipt no longer holds")
    taking_back.add_argument("receipt", type=UUID, help="its `jti`")
    taking_back.add_argument("--reason", choices=[each.value for each in Reason], required=True)
    taking_back.add_argument(
        "--by", required=True, type=_officer, help="the officer who decided, for the log"
    )


async def run(options: argparse.Namespace) -> None:
    """Withdraw; repeating it changes nothing.

    Raises:
        ReceiptCommandError: there is no such receipt, or it is older than the status lists.
    """
    outcome = await withdraw(
        options.database, options.receipt, Reason(options.reason), options.by, datetime.now(UTC)
    )
    if outcome is Withdrawal.UNKNOWN:
        raise ReceiptCommandError("no receipt with a place in a status list has that id")
    sys.stdout.write(f"{outcome.value} {options.receipt}\n")


def _officer(text: str) -> str:
    if not _OFFICER.fullmatch(text):
        raise ValueError(text)
    return text

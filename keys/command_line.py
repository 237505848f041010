"""List, make, turn and revoke keys from a terminal. Prints kids, states and dates; never key material."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import orjson

from keys.errors import KeyRefused
from keys.purposes import PROFILES, RULES, Algorithm, KeyPurpose
from keys.ring import KeyRing
from keys.rotation import POLICIES, Drop, Promote, Publish, Step
from keys.states import KeyState

_KID: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit status (2: refused, with the remedy on standard error)."""
    options = _parser().parse_args(_readable(arguments))
    try:
        _run(options)
    except KeyRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    return 0


def _readable(arguments: Sequence[str]) -> list[str]:
    """The arguments with kids at the end: one in 64 begins with a hyphen, like an option (RFC 7638, base64url)."""
    kids = [each for each in arguments if _KID.fullmatch(each)]
    return [each for each in arguments if each not in kids] + (["--", *kids] if kids else [])


def _run(options: argparse.Namespace) -> None:
    folder = Path(options.dir)
    if options.command == "init":
        _show(KeyRing.create(folder, profile=options.profile, mode=options.mode))
        return
    ring = KeyRing.open(folder, mode=options.mode)
    match options.command:
        case "list":
            _show(ring)
        case "jwks":
            sys.stdout.write(orjson.dumps(ring.jwks(), option=orjson.OPT_INDENT_2).decode() + "\n")
        case "rotate":
            algorithm = Algorithm(options.algorithm) if options.algorithm else None
            _tell(ring.rotate(KeyPurpose(options.purpose), algorithm))
        case "rotate-due":
            _tell(ring.rotate_due())
        case "revoke":
            _refuse_data_loss(ring, options.kid, destroy=options.destroy)
            _tell(ring.revoke(options.kid, options.reason))


def _refuse_data_loss(ring: KeyRing, kid: str, *, destroy: bool) -> None:
    for record in ring.records:
        still_opens = record.public is None and record.state is KeyState.RETIRING
        if record.kid == kid and still_opens and not destroy:
            raise KeyRefused("data_loss", "rewrap everything this key sealed, then add --destroy")


def _show(ring: KeyRing) -> None:
    sys.stdout.write(f"{'purpose':<17} {'alg':<8} {'state':<9} {'since (UTC)':<17} {'kid':<44} reason\n")
    for record in sorted(
        ring.records, key=lambda r: (list(KeyPurpose).index(r.purpose), r.algorithm, r.since)
    ):
        sys.stdout.write(
            f"{record.purpose:<17} {record.algorithm:<8} {record.state:<9} {record.since:%Y-%m-%d %H:%M}  "
            f"{record.kid:<44} {record.reason or ''}".rstrip()
            + "\n"
        )


def _tell(steps: Sequence[Step]) -> None:
    for step in steps:
        match step:
            case Publish(purpose, algorithm, at_once, _):
                when = "now" if at_once else f"in {POLICIES[purpose].publish_ahead} (run rotate-due then)"
                sys.stdout.write(f"published a new {algorithm} key for {purpose}; it serves {when}\n")
            case Promote(kid=kid):
                sys.stdout.write(f"{kid} serves now\n")
            case Drop(kid, reason):
                sys.stdout.write(f"{kid} is retired: {reason}\n")
    if not steps:
        sys.stdout.write("nothing to do\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m keys", description=__doc__)
    parser.add_argument("--dir", required=True, help="key folder of one service")
    parser.add_argument(
        "--mode", choices=["demo", "production"], help="default: DINHDANH_MODE, else production"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="make the folder and every key that is missing")
    init.add_argument("--profile", required=True, choices=list(PROFILES))
    commands.add_parser("list", help="every key, its state and since when")
    commands.add_parser("jwks", help="the public key set as JSON")
    rotate = commands.add_parser("rotate", help="publish a new key; it serves after the publication time")
    rotate.add_argument("purpose", choices=[purpose.value for purpose in RULES])
    rotate.add_argument("--algorithm", choices=[algorithm.value for algorithm in Algorithm])
    commands.add_parser("rotate-due", help="take every step the schedule asks for (run hourly)")
    revoke = commands.add_parser("revoke", help="take a compromised key out of service at once")
    revoke.add_argument("kid")
    revoke.add_argument("--reason", required=True)
    revoke.add_argument("--destroy", action="store_true", help="also where sealed data would be lost")
    return parser

"""``python -m idp``: serve, migrate, provision clients and accounts, lock, unlock, check the audit log, send again.

Reads DATABASE_URL, REDIS_URL, KEYS_DIR, PUBLIC_URL and REGISTRY_URL from the environment. Exit codes: 0 done,
1 refused or found broken, 3 a store does not answer (repeat the command).
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from idp.accounts.life import LockReason
from idp.authentication.password import Passwords, Profile
from idp.ports import Unavailable
from idp.protocol.rfc7591_registration.deciding import sound
from idp.protocol.rfc7591_registration.terms import of_operators
from idp.registry import HttpRegistry
from idp.storage import Storage, open_storage
from idp.storage.audit_heads import AuditBroken, AuditHeads
from idp.storage.dead_letters import OUTBOXES, dead_letters, send_again
from idp.storage.postgres.migrating import migrate
from idp.storage.provisioning import ManifestError, personas, provision_account, provision_clients
from keys import KeyRefused, KeyRing
from web.serving import add_serving_options, serve

REFUSED: Final = 1
AWAY: Final = 3
LOCK_REASONS: Final = tuple(each.value for each in LockReason)


def say(text: str) -> None:
    """One line for whoever runs the command."""
    sys.stdout.write(text + "\n")


@asynccontextmanager
async def opened(*, with_registry: bool = False) -> AsyncIterator[Storage]:
    """The stores that the environment names."""
    ring = KeyRing.open(Path(os.environ["KEYS_DIR"]))
    registry = None
    if with_registry and (url := os.environ.get("REGISTRY_URL")):
        anchors = os.environ.get("TRUST_ANCHORS")
        registry = HttpRegistry(
            url, os.environ["PUBLIC_URL"], ring, anchors=Path(anchors) if anchors else None
        )
    storage = await open_storage(
        database_url=os.environ["DATABASE_URL"],
        redis_url=os.environ["REDIS_URL"],
        ring=ring,
        registry=registry,
    )
    try:
        yield storage
    finally:
        await storage.close()
        if registry is not None:
            await registry.close()


async def run_migrate(_: argparse.Namespace) -> int:
    """Bring the database to the newest form."""
    await migrate(os.environ["DATABASE_URL"])
    return 0


async def run_provision(arguments: argparse.Namespace) -> int:
    """Register clients and accounts; profiles come now if the registry is up, else at the first sign-in."""
    if arguments.personas is not None and os.environ.get("DINHDANH_MODE") != "demo":
        say("personas are for DINHDANH_MODE=demo only")
        return REFUSED
    passwords = Passwords(Profile(os.environ.get("PASSWORD_PROFILE", Profile.OWASP)))
    async with opened(with_registry=True) as storage:
        for folder in arguments.clients:
            count = await provision_clients(
                storage.clients, folder, os.environ, lambda client: sound(client, of_operators())
            )
            say(f"{count} ứng dụng · clients")
        if arguments.personas is not None:
            found = list(personas(arguments.personas))
            accounts = [
                await provision_account(
                    storage.accounts, each, lambda text: asyncio.to_thread(passwords.hash, text)
                )
                for each in found
            ]
            say(f"{len(accounts)} tài khoản · accounts")
            say(f"{await _fetch_profiles(storage, accounts)} hồ sơ từ cơ sở dữ liệu dân cư · profiles")
    return 0


async def _fetch_profiles(storage: Storage, accounts: Sequence[str]) -> int:
    if storage.profiles is None:
        return 0
    fetched = 0
    for account_id in accounts:
        try:
            fetched += await storage.profiles.refresh(account_id)
        except Unavailable:
            break  # fetched at the first sign-in instead
    return fetched


async def run_lock(arguments: argparse.Namespace) -> int:
    """Lock an account, end its sessions and grants."""
    return await _flip(arguments, lock=True)


async def run_unlock(arguments: argparse.Namespace) -> int:
    """Take one lock reason away."""
    return await _flip(arguments, lock=False)


async def _flip(arguments: argparse.Namespace, *, lock: bool) -> int:
    async with opened() as storage:
        account_id = await storage.accounts.find_account_by_number(arguments.number)
        if account_id is None:
            say("không có tài khoản · no such account")
            return REFUSED
        act = storage.lives.lock if lock else storage.lives.unlock
        done = await act(account_id, arguments.reason)
        say(f"{'khóa · locked' if lock else 'mở khóa · unlocked'}: {account_id}" if done else "closed")
        return 0 if done else REFUSED


async def run_initial_access(arguments: argparse.Namespace) -> int:
    """Make an initial access token (RFC 7591 section 3) and show it once."""
    async with opened() as storage:
        token = await storage.initial_access.make(
            arguments.note, uses=arguments.uses, seconds=arguments.days * 86_400
        )
        say(token)
        return 0


async def run_audit_verify(_: argparse.Namespace) -> int:
    """Recompute the Merkle tree over the audit log and compare it with every signed head."""
    async with opened() as storage:
        ring = KeyRing.open(Path(os.environ["KEYS_DIR"]))
        heads = AuditHeads(storage.engine, ring, issuer=os.environ["PUBLIC_URL"])
        try:
            found = await heads.verify()
        except AuditBroken as broken:
            say(f"nhật ký đã bị sửa · the audit log is broken: {broken}")
            return REFUSED
        say(
            f"{found.rows} dòng · rows, {found.heads} đầu ký · signed heads, {found.unsigned} chưa ký · unsigned"
        )
        return 0


async def run_dead_letters(arguments: argparse.Namespace) -> int:
    """Show messages that were given up (logout notices, mails), or queue them again."""
    async with opened() as storage:
        if arguments.resend is None:
            found = await dead_letters(storage.engine, arguments.outbox)
            for each in found:
                say(each.line())
            say(f"{len(found)} thư không gửi được · dead letters")
            return 0
        one = None if arguments.resend == "all" else int(arguments.resend)
        count = await send_again(storage.engine, arguments.outbox, one, now=int(time.time()))
        say(f"{count} gửi lại · queued again")
        return 0 if count or one is None else REFUSED


def number_or_all(text: str) -> str:
    """Which dead letters are meant. Raises ValueError for anything but ``all`` and a number."""
    return text if text == "all" else str(int(text))


def positive(text: str) -> int:
    """A number of at least one. Raises ValueError."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m idp", description=__doc__)
    commands = top.add_subparsers(required=True)
    commands.add_parser("migrate", help="bring the database to the newest form").set_defaults(run=run_migrate)
    provision = commands.add_parser("provision", help="register clients and accounts; repeatable")
    provision.add_argument("--personas", type=Path, help="a personas.toml (demo)")
    provision.add_argument("--clients", type=Path, nargs="+", default=(), help="folders of client manifests")
    provision.set_defaults(run=run_provision)
    for name, run in (("lock", run_lock), ("unlock", run_unlock)):
        command = commands.add_parser(name, help=f"{name} the account of a personal number")
        command.add_argument("number", help="personal number (số định danh cá nhân)")
        command.add_argument("--reason", required=True, choices=LOCK_REASONS)
        command.set_defaults(run=run)
    serving = commands.add_parser("serve", help="answer over http, or https with a certificate")
    add_serving_options(serving)
    serving.set_defaults(run=None)
    access = commands.add_parser(
        "initial-access-token", help="let a known party register clients; shown once"
    )
    access.add_argument("note", help="for whom it is")
    access.add_argument("--uses", type=positive, default=1, help="registrations it serves")
    access.add_argument("--days", type=positive, default=7, help="how long it lives")
    access.set_defaults(run=run_initial_access)
    verify = commands.add_parser("audit-verify", help="check the audit log against its signed heads")
    verify.set_defaults(run=run_audit_verify)
    letters = commands.add_parser(
        "dead-letters", help="messages that were given up; --resend queues them again"
    )
    letters.add_argument("--outbox", choices=sorted(OUTBOXES), help="one kind of message (default: all)")
    letters.add_argument("--resend", type=number_or_all, metavar="ID|all", help="a number needs --outbox")
    letters.set_defaults(run=run_dead_letters)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    chosen = parser().parse_args(arguments)
    if chosen.run is None:
        return serve("idp.app:create_app", chosen)
    if getattr(chosen, "resend", None) not in {None, "all"} and chosen.outbox is None:
        parser().error("a number needs --outbox: each kind counts for itself")
    try:
        return int(asyncio.run(chosen.run(chosen)))
    except (ManifestError, KeyRefused) as refused:
        sys.stderr.write(f"{refused}\n")
        return REFUSED
    except KeyError as missing:
        sys.stderr.write(f"set {missing.args[0]} in the environment\n")
        return REFUSED
    except Unavailable as away:
        sys.stderr.write(f"{away.part} không trả lời · does not answer; repeat the command\n")
        return AWAY


if __name__ == "__main__":
    sys.exit(main())

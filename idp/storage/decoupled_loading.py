"""Reads decoupled requests, what leads to them, and what waits for a person."""

from collections.abc import Awaitable, Callable

from idp.domain.decoupled import LoadedDecoupled, Status
from idp.storage.redis import keys
from idp.storage.redis.pipelining import Command, Reply
from idp.storage.vault import Vault

_FIELDS = ("b", "st", "iv", "lp", "ap")


class DecoupledReading:
    """The part of loading that knows decoupled requests; ``read`` runs commands and answers their replies."""

    def __init__(self, read: Callable[..., Awaitable[list[Reply]]], vault: Vault) -> None:
        self._run = read
        self._vault = vault

    @staticmethod
    def ask(request_id: str) -> Command:
        """The command whose reply :meth:`read` understands."""
        return ("HMGET", keys.decoupled(request_id), *_FIELDS)

    def read(self, reply: Reply, request_id: str) -> LoadedDecoupled | None:
        """The request with its state; one past its end is known until the store forgets it."""
        body, status, interval, polled_at, approval = reply
        request = self._vault.read_decoupled(body, request_id) if body is not None else None
        if request is None:
            return None
        approved = self._vault.read_approval(approval, request_id) if approval is not None else None
        return LoadedDecoupled(request, Status(status.decode()), int(interval), int(polled_at), approved)

    async def named_by(self, user_code: str) -> str | None:
        """The request that a user code leads to."""
        (reply,) = await self._run(("GET", keys.user_code(self._vault.bucket(f"user-code:{user_code}"))))
        return reply.decode() if reply is not None else None

    async def account_of(self, subject: str) -> str | None:
        """The account that a client means by a pseudonym."""
        (reply,) = await self._run(("GET", keys.subject(subject)))
        return reply.decode() if reply is not None else None

    async def waiting_for(
        self, account_id: str, client_id: str | None, now: int
    ) -> tuple[tuple[LoadedDecoupled, ...], bool]:
        """What waits for the person, oldest first, and whether they blocked the client."""
        members, blocked = await self._run(
            ("ZRANGEBYSCORE", keys.waiting(account_id), f"({now}", "+inf"),
            ("EXISTS", keys.blocked(account_id, client_id or "")),
        )
        names = [member.decode().partition(":")[0] for member in members]
        replies = await self._run(*(self.ask(name) for name in names)) if names else []
        found = (self.read(reply, name) for reply, name in zip(replies, names, strict=True))
        living = [
            each
            for each in found
            if each is not None and each.status is Status.PENDING and each.request.account_id == account_id
        ]
        return tuple(sorted(living, key=lambda each: each.request.created_at)), bool(blocked)

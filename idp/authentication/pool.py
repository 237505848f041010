"""argon2id on its own few threads, with a door: when too many wait, the next is told to come back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from idp.authentication.password import Passwords

Answer = TypeVar("Answer")


class Busy(Exception):
    """The queue in front of the pool is full; ``retry_after`` in seconds."""

    def __init__(self, retry_after: int = 2) -> None:
        super().__init__("password pool")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Verdict:
    """What hashing found: ``correct``, and a stronger hash to store when the old one has become weak."""

    correct: bool
    upgraded: str | None = field(default=None, repr=False)


class PasswordPool:
    """Runs :class:`Passwords` on ``threads`` threads with at most ``queue`` answers under way or waiting."""

    def __init__(self, passwords: Passwords, *, threads: int = 2, queue: int = 32) -> None:
        self.profile = passwords.profile
        self._passwords = passwords
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._queue = queue
        self._inside = 0

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        """The verdict on a password; with None the same work is done and the verdict is no.

        Raises :class:`Busy` at once, without any work, when the queue is full.
        """
        return await self._run(self._judge, password_hash, password)

    async def hash(self, password: str) -> str:
        """The hash of a new password. Raises :class:`Busy`."""
        return await self._run(self._hash, None, password)

    def close(self) -> None:
        """Let running hashes end and start no more."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _judge(self, password_hash: str | None, password: str) -> Verdict:
        correct = self._passwords.matches(password_hash, password)
        if not correct or password_hash is None:
            return Verdict(correct=False)
        return Verdict(correct=True, upgraded=self._passwords.upgraded(password_hash, password))

    def _hash(self, _: str | None, password: str) -> str:
        return self._passwords.hash(password)

    async def _run(
        self, work: Callable[[str | None, str], Answer], password_hash: str | None, password: str
    ) -> Answer:
        if self._inside >= self._queue:
            raise Busy
        self._inside += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, password_hash, password)
        future.add_done_callback(self._leave)
        return await asyncio.shield(future)

    def _leave(self, done: "asyncio.Future[Answer]") -> None:
        """Give the place back when the work has ended, also when nobody waits for it any more."""
        self._inside -= 1
        if not done.cancelled():
            done.exception()

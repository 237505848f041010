"""Makes the signed PDF of a kept paper, and remembers the digest of each file before it leaves.

Typesetting costs some forty milliseconds of a processor, and whoever may read a paper may ask for it as often as they
like. So a process makes two files at once, lets sixteen wait, and answers 503 to the rest; a file that was made is
given out again for a minute without being made anew, and several who ask at once get the same one.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from population_registry.api.database import RETRY_AFTER, Database
from population_registry.api.press_turns import CrowdedError, Turns
from population_registry.domain.confirmations import ConfirmationRow
from population_registry.papers.chip.certificates import Signatory
from population_registry.papers.confirmation.form import TITLE, render_form
from population_registry.papers.confirmation.issuing import Opened
from population_registry.papers.confirmation.pades import sign_pdf
from population_registry.papers.keeping import CardKeys, CardKeysError
from population_registry.papers.notices import render_notice
from population_registry.storage.confirming import remember_file
from web import Problem

log = logging.getLogger("population_registry")
UNTIL_A_SIGNER: Final = "3600"
AT_ONCE: Final = 2
MOST_WAITING: Final = 16
"""Less than a second of work; who comes later would wait longer than a reader does."""
KEPT_FOR: Final = timedelta(minutes=1)
MOST_KEPT: Final = 64
"""Files of about 83 kB: some five megabytes."""


@dataclass(frozen=True, slots=True)
class PaperPress:
    """The press of one process; `seals` are read when they are needed, so a new signer needs no restart."""

    database: Database
    seals: CardKeys
    clock: Callable[[], datetime]
    turns: Turns = field(default_factory=lambda: Turns(AT_ONCE, MOST_WAITING))
    _making: dict[UUID, "asyncio.Future[bytes]"] = field(default_factory=dict, repr=False)
    _made: OrderedDict[UUID, tuple[datetime, bytes]] = field(default_factory=OrderedDict, repr=False)

    async def pressed(self, row: ConfirmationRow, paper: Opened) -> bytes:
        """The signed file; its digest is known to the check before the file leaves.

        Raises:
            Problem: 503, there is no signer now, too many files are wanted at once, or the database is away.
        """
        wanted = row.confirmation_id
        kept = self._made.get(wanted)
        if kept is not None and kept[0] <= self.clock() < kept[0] + KEPT_FOR:
            return kept[1]
        making = self._making.get(wanted)
        if making is None:  # of several who ask at once the first one has it made
            making = self._making[wanted] = asyncio.ensure_future(self._make(row, paper))
            making.add_done_callback(lambda done: self._ended(wanted, done))
        return await asyncio.shield(making)

    async def _make(self, row: ConfirmationRow, paper: Opened) -> bytes:
        try:
            file = await self.turns.run(lambda: self._press(row, paper))
        except CrowdedError as crowded:
            raise Problem(503, "busy", headers={"Retry-After": str(RETRY_AFTER)}) from crowded
        async with self.database.pool() as pool:
            await remember_file(pool, hashlib.sha256(file).digest(), row.confirmation_id)
        now = self.clock()
        self._made[row.confirmation_id] = (now, file)
        self._made.move_to_end(row.confirmation_id)
        # Papers name people: a file that serves no more leaves with the next one that is made.
        while len(self._made) > MOST_KEPT or next(iter(self._made.values()))[0] + KEPT_FOR <= now:
            self._made.popitem(last=False)
        return file

    def _ended(self, paper: UUID, making: "asyncio.Future[bytes]") -> None:
        del self._making[paper]
        if not making.cancelled():
            making.exception()  # looked at, also where everybody has gone away

    def authorities(self) -> bytes:
        """Every authority of papers, PEM."""
        found = (each for role, each in self.seals.certificates() if role == "authority")
        return b"".join(each.public_bytes(Encoding.PEM) for each in found)

    def _press(self, row: ConfirmationRow, paper: Opened) -> bytes:
        signer, authority = self._signer()
        if row.event is None:
            return sign_pdf(render_form(paper.claims, paper.stamp), signer, authority, row.issued_at, TITLE)
        made = render_notice(paper.claims, paper.stamp)
        return sign_pdf(made, signer, authority, row.issued_at, str(paper.claims["title"]))

    def _signer(self) -> tuple[Signatory, Certificate]:
        try:
            signer = self.seals.signer(self.clock())
            issuer = signer.certificate.issuer
            return signer, next(each for _, each in self.seals.certificates() if each.subject == issuer)
        except (CardKeysError, StopIteration) as missing:
            log.error("papers cannot be signed", extra={"cause": str(missing)})  # noqa: TRY400 -- no trace is needed
            raise Problem(503, "unavailable", headers={"Retry-After": UNTIL_A_SIGNER}) from missing

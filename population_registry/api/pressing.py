"""Makes the signed PDF of a kept paper, and remembers the digest of each file before it leaves."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from population_registry.api.database import Database
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
RETRY_AFTER: Final = "3600"


@dataclass(frozen=True, slots=True)
class PaperPress:
    """The press of one process; `seals` are read when they are needed, so a new signer needs no restart."""

    database: Database
    seals: CardKeys
    clock: Callable[[], datetime]

    async def pressed(self, row: ConfirmationRow, paper: Opened) -> bytes:
        """The signed file; its digest is known to the check before the file leaves.

        Raises:
            Problem: 503, there is no signer now, or the database is away.
        """
        file = await asyncio.to_thread(self._press, row, paper)
        async with self.database.pool() as pool:
            await remember_file(pool, hashlib.sha256(file).digest(), row.confirmation_id)
        return file

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
            raise Problem(503, "unavailable", headers={"Retry-After": RETRY_AFTER}) from missing

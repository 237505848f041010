"""Notices by mail: to an address that its owner confirmed by a code, one for each notice, nothing in it to steal.

A mail says that there is news and of what kind, never of whom, which procedure or which dossier; those are behind the
sign-in. Rows wait in the database until the server took them; several processes may send beside each other.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import delete, func, select, update

from clients.national_portal.storage.tables import mail_due, mail_wish
from clients.national_portal.storage.wishes import PURPOSE
from clients.portal_kit.storage.database import Database, DatabaseGone
from keys import SealBroken, Sealer
from web import Language, Texts

SECONDS: Final = 15.0
PAUSE: Final = 2.0
MOST_TRIES: Final = 20
LONGEST_PAUSE: Final = timedelta(hours=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mailing:
    """The worker. ``texts`` by language; ``inbox`` is the address of the page that the mail names."""

    database: Database
    sealer: Sealer
    texts: Mapping[Language, Texts]
    inbox: str
    smtp_url: str
    sender: str
    deliver: Callable[..., Any] = aiosmtplib.send

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                sent = await self.send_one()
            except DatabaseGone:
                sent = False
            if not sent:
                await asyncio.sleep(PAUSE)

    async def send_one(self) -> bool:
        """Send the mail that is due longest; False when none is, or the server did not take it."""
        async with self.database.transaction() as connection:
            row = (
                await connection.execute(
                    select(mail_due)
                    .where(mail_due.c.next_at <= func.now())
                    .order_by(mail_due.c.next_at)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
            ).one_or_none()
            if row is None:
                return False
            mine = mail_due.c.mail_id == row.mail_id
            wish = (
                await connection.execute(select(mail_wish).where(mail_wish.c.person_key == row.person_key))
            ).one_or_none()
            # Whoever took the wish back meanwhile gets no mail; a code goes to an address not confirmed yet.
            if wish is None or (wish.agreed_at is None and row.kind != "code"):
                await connection.execute(delete(mail_due).where(mine))
                return True
            try:
                await self._send(row, wish)
            except SealBroken:
                await connection.execute(delete(mail_due).where(mine))
                return True
            except (aiosmtplib.SMTPException, OSError) as error:
                wait = min(timedelta(seconds=2 ** min(row.attempts + 1, 12)), LONGEST_PAUSE)
                if row.attempts + 1 >= MOST_TRIES:
                    await connection.execute(delete(mail_due).where(mine))
                else:
                    values = {"attempts": row.attempts + 1, "next_at": func.now() + wait}
                    await connection.execute(update(mail_due).where(mine).values(**values))
                log.warning("mail waits", extra={"attempts": row.attempts + 1, "why": type(error).__name__})
                return False
            await connection.execute(delete(mail_due).where(mine))
            return True

    async def _send(self, row: Any, wish: Any) -> None:
        record = wish.person_key.hex()
        address = self.sealer.open(wish.sealed_address, f"{PURPOSE}:{record}").decode()
        code = "" if row.sealed_code is None else self.sealer.open(row.sealed_code, f"code:{record}").decode()
        texts = self.texts[Language(wish.language)]
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = address
        mail["Subject"] = texts.t(f"mail.{row.kind}.subject")
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        mail["Content-Language"] = wish.language
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from robots
        body = texts.t(f"mail.{row.kind}.text", code=code) if code else texts.t(f"mail.{row.kind}.text")
        mail.set_content(f"{body}\n\n{self.inbox}\n\n{texts.t('mail.footer')}\n")
        server = urlsplit(self.smtp_url)
        secure = server.scheme == "smtps"
        await self.deliver(
            mail,
            hostname=server.hostname or "localhost",
            port=server.port or (465 if secure else 25),
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=secure,
            start_tls=False if not secure else None,
            tls_context=ssl.create_default_context() if secure else None,
            timeout=SECONDS,
        )

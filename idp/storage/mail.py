"""Sends queued mail over SMTP. Messages are sealed until the moment they leave."""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.writes import SendMail
from idp.ports import Unavailable
from idp.storage import codecs
from idp.storage.outbox import Bell, Outbox
from idp.storage.postgres.tables import MAIL_OUTBOX
from idp.storage.vault import Vault

IDLE: Final = 5.0
LIMIT: Final = 15.0
"""Seconds for one message."""
_log = logging.getLogger(__name__)

Render = Callable[[SendMail], tuple[str, str]]
"""Subject and text of a message."""


class MailDelivery:
    """The worker. ``smtp_url``: ``smtp://host:port``, or ``smtps://name:password@host:port`` (TLS from the start)."""

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        vault: Vault,
        render: Render,
        *,
        smtp_url: str,
        sender: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = Outbox(engine, MAIL_OUTBOX)
        self._bell = bell
        self._vault = vault
        self._render = render
        self._server = urlsplit(smtp_url)
        self._sender = sender
        self._now = now

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._bell.wait(0 if await self._round() else IDLE)

    async def _round(self) -> bool:
        try:
            return await self.send_due() > 0
        except Unavailable:
            _log.warning("mail waits: PostgreSQL is away")
            return False

    async def send_due(self) -> int:
        """Try every due message once; how many were tried. Raises :class:`Unavailable`."""
        rows = await self._outbox.take(int(self._now()))
        await asyncio.gather(*(self._deliver(row) for row in rows))
        return len(rows)

    async def _deliver(self, row: Any) -> None:
        try:
            message = codecs.read_message(self._vault.mail.open(row["message"], row["record_id"]))
            async with asyncio.timeout(LIMIT):
                await self._send(message)
        except Exception as failure:  # noqa: BLE001 - an unknown template or a dead server: the others still go out
            error = type(failure).__name__
            _log.warning("mail not sent, attempt %d: %s", row["attempts"], error)
            await self._outbox.failed(row["id"], row["attempts"], error, int(self._now()))
        else:
            await self._outbox.delivered(row["id"])

    async def _send(self, message: SendMail) -> None:
        subject, text = self._render(message)
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = message.to
        mail["Subject"] = subject
        mail["Date"] = formatdate(self._now())
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        mail["Content-Language"] = message.locale
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from robots
        mail.set_content(text)
        secure = self._server.scheme == "smtps"
        await aiosmtplib.send(
            mail,
            hostname=self._server.hostname or "localhost",
            port=self._server.port or (465 if secure else 25),
            username=unquote(self._server.username) if self._server.username else None,
            password=unquote(self._server.password) if self._server.password else None,
            use_tls=secure,
            start_tls=False if not secure else None,
            tls_context=ssl.create_default_context() if secure else None,
            timeout=LIMIT,
        )

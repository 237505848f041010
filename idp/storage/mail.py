"""Sends queued mail over SMTP. Messages are sealed until the moment they leave."""

import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.writes import SendMail
from idp.storage import codecs
from idp.storage.outbox import Bell, OutboxWorker, Row
from idp.storage.postgres.tables import MAIL_OUTBOX
from idp.storage.vault import Vault

SECONDS: Final = 15.0
"""For one message."""

Render = Callable[[SendMail], tuple[str, str]]
"""Subject and text of a message."""


class MailDelivery(OutboxWorker):
    """The worker. ``smtp_url``: ``smtp://host:port``, or ``smtps://name:password@host:port`` (TLS from the start)."""

    NAME = "mails"
    LIMIT = SECONDS

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
        super().__init__(engine, MAIL_OUTBOX, bell, now=now)
        self._vault = vault
        self._render = render
        self._server = urlsplit(smtp_url)
        self._sender = sender

    async def attempt(self, row: Row) -> None:
        """Open one message and hand it to the server."""
        await self._send(codecs.read_message(self._vault.mail.open(row["message"], row["record_id"])))

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
            timeout=SECONDS,
        )

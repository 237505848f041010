"""The demo's mail catcher: a real SMTP server on loopback that delivers nothing and keeps every message.

Each message becomes one JSON file (``id``, ``received_at``, ``sender``, ``recipients``, ``subject``, ``text``,
``html``), named so that the names sort by arrival. The provider's page ``/demo/outbox`` reads the folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import ssl
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

KEPT = 500  # messages; older ones are removed
LARGEST = 1_000_000  # bytes of one message


class Outbox:
    """An aiosmtpd handler that writes messages into a folder, each file appearing whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 — aiosmtpd's
        """Keep one message and answer that it was taken."""
        identifier = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        message = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        document = {
            "id": identifier,
            "received_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "subject": str(message["Subject"] or ""),
            "text": _body(message, "plain"),
            "html": _body(message, "html"),
        }
        unfinished = self._folder / f".{identifier}"
        unfinished.write_text(json.dumps(document, ensure_ascii=False, indent=1))
        unfinished.replace(self._folder / f"{identifier}.json")
        for old in sorted(self._folder.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return "250 Kept"


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


async def serve(host: str, port: int, folder: Path, tls: ssl.SSLContext | None = None) -> None:
    """Catch mail until SIGTERM or SIGINT, over TLS from the first byte when ``tls`` is given."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    outbox = Outbox(folder)
    server = await loop.create_server(
        lambda: SMTP(
            outbox,
            hostname="localhost",
            ident="Dinh Danh demo",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
        ),
        host,
        port,
        ssl=tls,
    )
    await stop.wait()
    server.close()


def main() -> None:
    """Read the arguments and catch mail."""
    parser = argparse.ArgumentParser(prog="python -m demo.mail", description="Catch mail into a folder.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--certificate", type=Path, help="serve TLS (smtps) with this certificate chain")
    parser.add_argument("--key", type=Path, help="the key of the certificate")
    arguments = parser.parse_args()
    tls = None
    if arguments.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(arguments.certificate, arguments.key)
    asyncio.run(serve(arguments.host, arguments.port, arguments.folder, tls))


if __name__ == "__main__":
    main()

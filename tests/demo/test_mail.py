"""The mail catcher keeps what a real SMTP client sends."""

from __future__ import annotations

import asyncio
import json
import sys
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from demo.probe import answers
from tests.ports import free_port


async def test_a_message_becomes_one_file(tmp_path: Path) -> None:
    """A Vietnamese message sent over SMTP (RFC 5321) is one JSON file with its subject, text and recipients."""
    port = free_port()
    command = [sys.executable, "-m", "demo.mail", "--port", str(port), "--folder", str(tmp_path / "outbox")]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with asyncio.timeout(120):
            while not await answers(port, ""):
                continue
        message = EmailMessage()
        message["From"], message["To"] = "no-reply@localhost", "lan@example.vn"
        message["Subject"] = "Mã xác nhận của bạn"
        message.set_content("Mã của bạn là 123456, có hiệu lực 5 phút.\n")
        await aiosmtplib.send(message, hostname="127.0.0.1", port=port, start_tls=False)
        (file,) = (tmp_path / "outbox").glob("*.json")
        kept = json.loads(file.read_text())
        assert kept["subject"] == "Mã xác nhận của bạn"
        assert kept["recipients"] == ["lan@example.vn"]
        assert "123456, có hiệu lực 5 phút." in kept["text"]
    finally:
        process.terminate()
        assert await process.wait() == 0

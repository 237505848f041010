"""Mail: sealed while it waits, sent over real SMTP, tried again when the server is away."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select

from idp.domain.writes import SendMail
from idp.storage import Storage
from idp.storage.mail import MailDelivery
from idp.storage.postgres.tables import MAIL_OUTBOX
from tests.clock import MovingClock
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import EMAIL, commit

MAIL = SendMail(EMAIL, "one_time_code", "vi", (("code", "483920"),))


class Catcher:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one mail."""
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def catcher(unused_tcp_port: int) -> Iterator[tuple[Catcher, str]]:
    """An SMTP server and its address."""
    handler = Catcher()
    controller = Controller(handler, hostname="127.0.0.1", port=unused_tcp_port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{unused_tcp_port}"
    controller.stop()


@pytest.fixture
async def storage(opening: OpenStorage, fresh_database: str, moving_clock: MovingClock) -> Storage:
    """Storage with outboxes of its own, under the moving clock."""
    return await opening(database_url=fresh_database, now=moving_clock.timestamp)


def worker(storage: Storage, clock: MovingClock, smtp_url: str) -> MailDelivery:
    """The worker with a text that shows its values."""

    def render(message: SendMail) -> tuple[str, str]:
        if message.template != "one_time_code":
            raise KeyError(message.template)
        return "Mã xác thực", f"Mã của bạn là {dict(message.values)['code']}."

    return MailDelivery(
        *(storage.engine, storage.mail_bell, storage.vault, render),
        smtp_url=smtp_url,
        sender="khong-tra-loi@idp.example",
        now=clock.timestamp,
    )


async def queued(storage: Storage) -> int:
    """How many messages wait."""
    async with storage.engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(MAIL_OUTBOX))).scalar_one()


async def test_a_mail_arrives_with_its_vietnamese_intact(
    storage: Storage, moving_clock: MovingClock, catcher: tuple[Catcher, str]
) -> None:
    """RFC 5322 and MIME: subject and text arrive letter by letter; the row is gone."""
    handler, url = catcher
    await commit(storage, MAIL)
    assert await worker(storage, moving_clock, url).deliver_due() == 1
    (mail,) = handler.mails
    assert mail["To"] == EMAIL
    assert mail["Subject"] == "Mã xác thực"
    assert mail.get_payload(decode=True).decode().strip() == "Mã của bạn là 483920."
    assert await queued(storage) == 0


async def test_a_mail_waits_for_its_server(
    storage: Storage, moving_clock: MovingClock, unused_tcp_port_factory: object, catcher: tuple[Catcher, str]
) -> None:
    """A server that is away costs time, not the message."""
    handler, url = catcher
    await commit(storage, MAIL)
    nowhere = f"smtp://127.0.0.1:{unused_tcp_port_factory()}"  # type: ignore[operator]  # a fixture's callable
    assert await worker(storage, moving_clock, nowhere).deliver_due() == 1
    assert await queued(storage) == 1
    assert await worker(storage, moving_clock, url).deliver_due() == 0
    moving_clock.advance(1)
    assert await worker(storage, moving_clock, url).deliver_due() == 1
    assert len(handler.mails) == 1


async def test_a_text_that_does_not_exist_stops_nobody_else(
    storage: Storage, moving_clock: MovingClock, catcher: tuple[Catcher, str]
) -> None:
    """One unknown template is one failed row."""
    handler, url = catcher
    await commit(storage, SendMail(EMAIL, "unknown", "vi"), MAIL)
    assert await worker(storage, moving_clock, url).deliver_due() == 2
    assert len(handler.mails) == 1
    assert await queued(storage) == 1

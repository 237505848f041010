"""Who wants notices by mail: an address, sealed, used only once its owner typed the code that was sent to it."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from clients.national_portal.storage.tables import mail_due, mail_wish
from clients.portal_kit.storage.database import Database
from keys import SealBroken, Sealer

PURPOSE: Final = "mail"
CODE_LIVES: Final = timedelta(minutes=15)
REST: Final = timedelta(minutes=1)
"""Between two codes, so that nobody's mailbox is filled from here."""
MOST_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """An address and whether its owner confirmed it."""

    address: str
    agreed: bool


class Wishes:
    """One wish a person. ``clock`` gives the time with its zone."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        person_key: Callable[[str], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._person_key = person_key
        self._clock = clock

    async def of(self, personal_number: str) -> Wish | None:
        """What a person wished for."""
        key = self._person_key(personal_number)
        async with self._database.reading() as connection:
            row = (
                await connection.execute(select(mail_wish).where(mail_wish.c.person_key == key))
            ).one_or_none()
        if row is None:
            return None
        try:
            address = self._sealer.open(row.sealed_address, f"{PURPOSE}:{key.hex()}").decode()
        except SealBroken:  # sealed with a key that was retired: to be given again
            return None
        return Wish(address, row.agreed_at is not None)

    async def ask(self, personal_number: str, address: str, language: str) -> bool:
        """Keep an address and send a code to it; False when one was sent a moment ago."""
        key, now = self._person_key(personal_number), self._clock()
        code = f"{secrets.randbelow(10**6):06d}"
        values = {
            "sealed_address": self._sealer.seal(address.encode(), f"{PURPOSE}:{key.hex()}"),
            "language": language,
            "code_digest": _digest(key, code),
            "code_until": now + CODE_LIVES,
            "tries": 0,
            "asked_at": now,
            "agreed_at": None,
        }
        async with self._database.transaction() as connection:
            kept = await connection.execute(
                insert(mail_wish)
                .values(person_key=key, **values)
                .on_conflict_do_update(
                    index_elements=[mail_wish.c.person_key],
                    set_=values,
                    where=mail_wish.c.asked_at < now - REST,
                )
            )
            if kept.rowcount == 0:
                return False
            await connection.execute(
                insert(mail_due).values(
                    person_key=key,
                    code=f"code:{uuid4()}",
                    number=0,
                    kind="code",
                    sealed_code=self._sealer.seal(code.encode(), f"code:{key.hex()}"),
                )
            )
            return True

    async def confirm(self, personal_number: str, code: str) -> bool:
        """Agree with the code that was sent; five tries, fifteen minutes."""
        key, now = self._person_key(personal_number), self._clock()
        mine = mail_wish.c.person_key == key
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(mail_wish).where(mine).with_for_update())).one_or_none()
            if (
                row is None
                or row.code_digest is None
                or row.code_until < now
                or row.tries >= MOST_TRIES
                or not hmac.compare_digest(row.code_digest, _digest(key, code))
            ):
                if row is not None:
                    await connection.execute(
                        update(mail_wish).where(mine).values(tries=min(row.tries + 1, MOST_TRIES))
                    )
                return False
            await connection.execute(
                update(mail_wish).where(mine).values(agreed_at=now, code_digest=None, code_until=None)
            )
            return True

    async def forget(self, personal_number: str) -> None:
        """No mail any more; what waits is dropped too."""
        key = self._person_key(personal_number)
        async with self._database.transaction() as connection:
            await connection.execute(delete(mail_due).where(mail_due.c.person_key == key))
            await connection.execute(delete(mail_wish).where(mail_wish.c.person_key == key))


def _digest(key: bytes, code: str) -> bytes:
    return sha256(key + code.encode()).digest()

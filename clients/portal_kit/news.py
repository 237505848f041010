"""News of a dossier for the national portal (đồng bộ hồ sơ): signed by the sender, retried until it arrived.

The message follows ``DongBoHoSoMC`` in its meaning (domain facts: public services, section 6): dossier and procedure
code, applicant, state, times, progress number. It is a JWS (``typ`` ``dossier-news+jwt``) by the sender's client key;
the receiver checks it with python-jose and the keys the sender publishes. Order: a lower progress number never
overwrites a higher one; receiving a message twice changes nothing.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
from jose import jws, jwt
from jose.exceptions import JOSEError
from sqlalchemy import delete, func, select, update

from clients.portal_kit.dossiers import DossierState
from clients.portal_kit.storage.database import Database, DatabaseGone
from clients.portal_kit.storage.filed import FiledDossier, Standing
from clients.portal_kit.storage.tables import outgoing_news
from keys import SealBroken, Sealer, Signer
from web.anchors import trusting

TYPE: Final = "dossier-news+jwt"
PATH: Final = "/news/dossiers"
LIFETIME: Final = 300
MAX_BYTES: Final = 16_384
PAUSE: Final = 2.0
LONGEST_PAUSE: Final = timedelta(minutes=15)
log = logging.getLogger(__name__)


class NewsRefused(Exception):  # noqa: N818 - the receiver's answer
    """Not a message of a known portal, or not for us."""


@dataclass(frozen=True, slots=True)
class DossierNews:
    """What the national portal learns of a dossier elsewhere. ``sequence`` counts the dossier's events."""

    portal: str
    code: str
    procedure_code: str
    personal_number: str
    state: DossierState
    sequence: int
    submitted_at: datetime
    changed_at: datetime
    due_on: date | None
    link: str


def news_content(filed: FiledDossier, said: Standing, portal_url: str) -> dict[str, object]:
    """The claims of a message, without sender, receiver and times of the message itself."""
    return {
        "code": filed.code,
        "procedure_code": filed.procedure_code,
        "personal_number": str(filed.details["personal_number"]),
        "state": said.state.value,
        "sequence": said.number,
        "submitted_at": filed.filed_at.isoformat(),
        "changed_at": said.occurred_at.isoformat(),
        "due_on": said.due_on.isoformat() if said.due_on else None,
        "link": f"{portal_url}/dossiers/{filed.code}",
    }


def read_news(message: str, jwks: Mapping[str, Any], *, sender: str, receiver: str) -> DossierNews:
    """Check a message and give its content. Raises :class:`NewsRefused`."""
    if len(message) > MAX_BYTES:
        raise NewsRefused("too long")
    try:
        header = jws.get_unverified_header(message)
        key = next(each for each in jwks["keys"] if each.get("kid") == header.get("kid"))
        claims = jwt.decode(
            message,
            key,
            algorithms=["ES256"],
            audience=receiver,
            issuer=sender,
            options={"require_exp": True, "require_iat": True, "require_aud": True},
        )
        if header.get("typ") != TYPE or not str(claims["link"]).startswith(f"{sender}/"):
            raise NewsRefused("of another type")
        return DossierNews(
            portal=sender,
            code=str(claims["code"]),
            procedure_code=str(claims["procedure_code"]),
            personal_number=str(claims["personal_number"]),
            state=DossierState(claims["state"]),
            sequence=int(claims["sequence"]),
            submitted_at=datetime.fromisoformat(claims["submitted_at"]),
            changed_at=datetime.fromisoformat(claims["changed_at"]),
            due_on=date.fromisoformat(claims["due_on"]) if claims["due_on"] else None,
            link=str(claims["link"]),
        )
    except (JOSEError, StopIteration, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NewsRefused("not a message of a portal we know") from error


class NewsDelivery:
    """Takes waiting news from the database and posts them; several processes may run it beside each other."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        signer: Callable[[], Signer],
        sender: str,
        receiver: str,
        client: httpx2.AsyncClient | None = None,
        anchors: Path | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._signer = signer
        self._sender = sender
        self._receiver = receiver
        self._client = client or httpx2.AsyncClient(
            timeout=5.0, follow_redirects=False, verify=trusting(anchors)
        )
        self._pause = pause

    async def run(self) -> None:
        """Deliver until cancelled. An outage of the database or the receiver only makes it wait."""
        while True:
            try:
                delivered = await self.deliver_one()
            except DatabaseGone:
                delivered = False
            if not delivered:
                await self._pause(PAUSE)

    async def deliver_one(self) -> bool:
        """Post the oldest news that is due; False when there was none or it could not be delivered."""
        async with self._database.transaction() as connection:
            row = (
                await connection.execute(
                    select(outgoing_news)
                    .where(outgoing_news.c.next_at <= func.now())
                    .order_by(outgoing_news.c.news_id)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
            ).one_or_none()
            if row is None:
                return False
            try:
                content = json.loads(self._sealer.open(row.sealed_message, row.dossier_code))
            except SealBroken:  # sealed with a key that was retired: an operator must see to it
                failure: str | None = "seal broken"
            else:
                failure = await self._post(content)
            mine = outgoing_news.c.news_id == row.news_id
            if failure is None:
                await connection.execute(delete(outgoing_news).where(mine))
                return True
            wait = min(timedelta(seconds=2 ** min(row.attempts + 1, 10)), LONGEST_PAUSE)
            await connection.execute(
                update(outgoing_news)
                .where(mine)
                .values(attempts=row.attempts + 1, next_at=func.now() + wait, last_error=failure)
            )
            log.warning("news of a dossier waits", extra={"attempts": row.attempts + 1, "why": failure})
            return False

    async def _post(self, content: Mapping[str, object]) -> str | None:
        now = int(datetime.now(UTC).timestamp())
        message = self._signer().sign(
            {**content, "iss": self._sender, "aud": self._receiver, "iat": now, "exp": now + LIFETIME},
            typ=TYPE,
        )
        try:
            answer = await self._client.post(
                self._receiver + PATH, content=message, headers={"Content-Type": "application/jwt"}
            )
        except httpx2.HTTPError as error:
            return type(error).__name__
        return None if answer.status_code == 204 else f"status {answer.status_code}"  # noqa: PLR2004 - HTTP

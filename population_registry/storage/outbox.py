"""The rows of events out: announced with an act, shared out to subscribers, taken in order, retried, ended.

Of one subscriber, events of one stream (a dossier, a person) leave one after another: the next is taken only when the
one before it was delivered or is dead. Different streams and subscribers do not wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid4

import orjson

from population_registry.storage.connections import Connection

KEPT: Final = timedelta(days=7)
"""How long the row of a delivered event is kept, without its body."""
DEAD_KEPT: Final = timedelta(days=90)
_SHARING: Final = 7203
"""Lock under which outbox lines are shared out: one worker at a time, so the lines of a dossier keep their order."""

_ANNOUNCE = """
INSERT INTO event_delivery (recipient, event_id, stream, kind, body, happened_at, next_at)
SELECT client_id, $1, $2, $3::text, $4::jsonb, $5, $5 FROM event_subscription
 WHERE $3::text LIKE ANY (kinds) ORDER BY client_id
"""
_SHARE = """
WITH line AS (
  SELECT dossier_code, event_id, kind, recipients, body, created_at FROM dossier_outbox
   WHERE delivered_at IS NULL
   ORDER BY created_at, CASE kind WHEN 'dossier.event' THEN (body->>'number')::int END LIMIT $2 FOR UPDATE
), shared AS (
  INSERT INTO event_delivery (recipient, event_id, stream, kind, body, happened_at, next_at)
  SELECT s.client_id, l.event_id, CASE WHEN l.kind LIKE 'registry.%' THEN coalesce(
           (SELECT 'person-' || person_id FROM person WHERE personal_number = l.body->>'person'),
           (SELECT 'person-' || person_id FROM personal_number_alias WHERE number = l.body->>'person'),
           l.dossier_code) ELSE l.dossier_code END, l.kind, l.body, l.created_at, $1
    FROM line l JOIN event_subscription s ON s.client_id = ANY (l.recipients) AND l.kind LIKE ANY (s.kinds)
   ORDER BY l.created_at, CASE l.kind WHEN 'dossier.event' THEN (l.body->>'number')::int END, s.client_id
  ON CONFLICT DO NOTHING
)
UPDATE dossier_outbox o SET delivered_at = $1 FROM line l
 WHERE (o.dossier_code, o.event_id) = (l.dossier_code, l.event_id)
"""
_TAKE = """
SELECT d.recipient, d.event_id, d.stream, d.kind, d.body, d.happened_at, d.tries, s.url, s.audience
  FROM event_delivery d JOIN event_subscription s ON s.client_id = d.recipient
 WHERE d.state = 'waiting' AND d.next_at <= $1 AND NOT s.paused AND coalesce(s.quiet_until <= $1, true)
   AND NOT EXISTS (SELECT 1 FROM event_delivery e
                    WHERE e.state = 'waiting' AND e.recipient = d.recipient AND e.stream = d.stream
                      AND e.delivery_no < d.delivery_no)
 ORDER BY d.next_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Due:
    """An event that may be pushed now; its row is locked until the transaction ends."""

    recipient: str
    event_id: UUID
    stream: str
    kind: str
    body: Mapping[str, Any]
    happened_at: datetime
    tries: int
    url: str
    audience: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a client's events go; `kinds` are patterns of LIKE."""

    client_id: str
    url: str
    audience: str
    kinds: tuple[str, ...]


def stream_of(person_id: int) -> str:
    """The stream of what concerns one person, whatever their number; it never leaves the registry."""
    return f"person-{person_id}"


async def announce(
    connection: Connection, stream: str, kind: str, body: Mapping[str, Any], now: datetime
) -> UUID:
    """Tell every subscriber of that kind; inside the transaction of the act that it tells of.

    `body` names a person by `person` (the personal number), and by `new_person` the number that follows it.
    """
    event_id = uuid4()
    await connection.execute(_ANNOUNCE, event_id, stream, kind, orjson.dumps(dict(body)).decode(), now)
    return event_id


async def share_out(connection: Connection, now: datetime, most: int = 200) -> int:
    """Hand lines of the dossiers' outbox over to their subscribers, in the caller's transaction; answers how many.

    Lines that nobody subscribed to are done with. 0 also when another worker is at it.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _SHARING):
        return 0
    tag = await connection.execute(_SHARE, now, most)
    return int(tag.rpartition(" ")[2])


async def take_due(connection: Connection, now: datetime) -> Due | None:
    """The event that is due longest and has none before it in its stream; locked for the caller's transaction."""
    rows = cast("Sequence[Sequence[Any]]", await connection.fetch(_TAKE, now))
    if not rows:
        return None
    recipient, event_id, stream, kind, body, happened_at, tries, url, audience = rows[0]
    return Due(recipient, event_id, stream, kind, orjson.loads(body), happened_at, tries, url, audience)


async def delivered(connection: Connection, due: Due, now: datetime) -> None:
    """The receiver has it; what it said is kept no longer."""
    await connection.execute(
        "UPDATE event_delivery SET state = 'delivered', body = NULL, ended_at = $3, tries = $4, last_error = NULL "
        "WHERE recipient = $1 AND event_id = $2",
        due.recipient,
        due.event_id,
        now,
        due.tries + 1,
    )


async def failed(
    connection: Connection, due: Due, error: str, next_at: datetime | None, now: datetime
) -> None:
    """Try again at `next_at`; None: it is a dead letter now, and the next of its stream may go."""
    await connection.execute(
        "UPDATE event_delivery SET tries = $3, last_error = $4, state = $5, next_at = coalesce($6, next_at), "
        "ended_at = $7 WHERE recipient = $1 AND event_id = $2",
        due.recipient,
        due.event_id,
        due.tries + 1,
        error,
        "dead" if next_at is None else "waiting",
        next_at,
        now if next_at is None else None,
    )


async def quieten(connection: Connection, recipient: str, until: datetime) -> None:
    """Push nothing to a receiver that cannot be reached, until then."""
    await connection.execute(
        "UPDATE event_subscription SET quiet_until = $2 WHERE client_id = $1", recipient, until
    )


async def forget_ended(connection: Connection, now: datetime) -> None:
    """Delete rows of ended events, and outbox lines that were shared out, when they are old enough."""
    await connection.execute(
        "DELETE FROM event_delivery WHERE ended_at < $1 "
        "AND ended_at < CASE state WHEN 'dead' THEN $2::timestamptz ELSE $1 END",
        now - KEPT,
        now - DEAD_KEPT,
    )
    await connection.execute("DELETE FROM dossier_outbox WHERE delivered_at < $1", now - KEPT)


async def subscribe(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """Write a subscription, or change it; events from now on."""
    await connection.execute(
        "INSERT INTO event_subscription (client_id, url, audience, kinds, since) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (client_id) DO UPDATE SET url = excluded.url, audience = excluded.audience, "
        "kinds = excluded.kinds, quiet_until = NULL, paused = false",
        subscription.client_id,
        subscription.url,
        subscription.audience,
        list(subscription.kinds),
        now,
    )


async def audience_of(connection: Connection, client_id: str) -> str | None:
    """The `aud` that a subscriber reads; None for nobody who subscribed."""
    found = await connection.fetchval(
        "SELECT audience FROM event_subscription WHERE client_id = $1", client_id
    )
    return None if found is None else str(found)


async def unsubscribe(connection: Connection, client_id: str) -> bool:
    """End a subscription; what waits for it is deleted."""
    await connection.execute("DELETE FROM event_delivery WHERE recipient = $1", client_id)
    tag = await connection.execute("DELETE FROM event_subscription WHERE client_id = $1", client_id)
    return tag.endswith(" 1")


async def redeliver(
    connection: Connection, now: datetime, recipient: str | None, event_id: UUID | None
) -> int:
    """Dead letters wait again, all or those named; answers how many."""
    tag = await connection.execute(
        "UPDATE event_delivery SET state = 'waiting', tries = 0, next_at = $1, ended_at = NULL WHERE state = 'dead' "
        "AND ($2::text IS NULL OR recipient = $2) AND ($3::uuid IS NULL OR event_id = $3)",
        now,
        recipient,
        event_id,
    )
    return int(tag.rpartition(" ")[2])


async def queues(connection: Connection) -> list[dict[str, Any]]:
    """How it stands with each subscriber: waiting, the oldest of them, delivered and dead, the last error."""
    rows = await connection.fetch(
        "SELECT s.client_id, s.url, s.kinds, s.paused, s.quiet_until, "
        "count(*) FILTER (WHERE d.state = 'waiting') AS waiting, "
        "count(*) FILTER (WHERE d.state = 'delivered') AS delivered, "
        "count(*) FILTER (WHERE d.state = 'dead') AS dead, "
        "min(d.happened_at) FILTER (WHERE d.state = 'waiting') AS oldest, "
        "(array_agg(d.last_error ORDER BY d.delivery_no) FILTER (WHERE d.last_error IS NOT NULL))[1] AS last_error "
        "FROM event_subscription s LEFT JOIN event_delivery d ON d.recipient = s.client_id "
        "GROUP BY s.client_id ORDER BY s.client_id"
    )
    return [dict(cast("Any", row)) for row in rows]


async def dead_letters(connection: Connection, most: int = 100) -> list[dict[str, Any]]:
    """The dead letters, oldest first, without what they say."""
    rows = await connection.fetch(
        "SELECT recipient, event_id, stream, kind, happened_at, tries, last_error FROM event_delivery "
        "WHERE state = 'dead' ORDER BY delivery_no LIMIT $1",
        most,
    )
    return [dict(cast("Any", row)) for row in rows]

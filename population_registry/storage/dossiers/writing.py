"""Writes an act on a dossier: the row, the new lines of history, the consents, the outbox; inside one transaction.

Delivery of the outbox (webhooks, retries, order) plugs in at `dossier_outbox`: whoever delivers takes rows whose
`delivered_at` is null in the order of `created_at` with `FOR UPDATE SKIP LOCKED`, sends `body` to each of
`recipients`, and sets `delivered_at`. Writing here is the only other thing that is ever done with that table.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, cast
from uuid import uuid4

import orjson

from population_registry.dossiers.dossier import Dossier
from population_registry.dossiers.notices import Notice
from population_registry.dossiers.states import OPEN, WANTED
from population_registry.dossiers.superseding import SUPERSEDING_FORMS
from population_registry.storage.connections import Connection
from population_registry.storage.superseding import mark_superseded


async def next_number(connection: Connection, agency: str, day: date) -> int:
    """The next running number of that agency's day; filings of one agency wait for each other here, briefly."""
    taken = await connection.fetchval(
        "INSERT INTO dossier_number AS n (agency, day, last) VALUES ($1, $2, 1) "
        "ON CONFLICT (agency, day) DO UPDATE SET last = n.last + 1 RETURNING last",
        agency,
        day,
    )
    return cast("int", taken)


async def same_open_dossier(connection: Connection, dossier: Dossier) -> tuple[str | None, int]:
    """The code of the applicant's dossier of the same content that is still wanted, and how many are undecided.

    The caller holds the lock on the applicant (`lock_persons`), so two submissions at once cannot both find none.
    """
    rows = await connection.fetch(
        "SELECT dossier_code, digest = $3 AND procedure_code = $4 AND state = ANY($5::smallint[]) FROM dossier "
        "WHERE applicant_id = $1 AND state = ANY($2::smallint[])",
        dossier.applicant_id,
        [state.value for state in OPEN],
        _digest(dossier),
        dossier.procedure_code,
        [state.value for state in WANTED],
    )
    same = next((str(row[0]) for row in rows if row[1]), None)
    return same, len(rows)


async def insert_dossier(
    connection: Connection, dossier: Dossier, notices: Sequence[Notice], now: datetime
) -> bool:
    """Write a new dossier; False, with nothing written, when its code is taken."""
    taken = await connection.fetchval(
        "INSERT INTO dossier (dossier_code, procedure_code, client_id, agency, commune_code, applicant_id, "
        "subject_ids, assisted_by, filing, purpose, inputs, digest, half_days, due_on, fee, filed_at, state, "
        "version, decision, result, linked_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
        "$14, $15, $16, $17, $18, $19, $20, $21) ON CONFLICT (dossier_code) DO NOTHING RETURNING 1",
        dossier.code,
        dossier.procedure_code,
        dossier.client_id,
        dossier.agency,
        dossier.commune_code,
        dossier.applicant_id,
        list(dossier.subject_ids),
        dossier.assisted_by,
        dossier.filing.value,
        dossier.purpose,
        _json(dossier.inputs),
        _digest(dossier),
        dossier.term.half_days,
        dossier.due_on,
        _json(asdict(dossier.fee)),
        dossier.filed_at,
        dossier.state.value,
        dossier.version,
        None if dossier.decision is None else _json(asdict(dossier.decision)),
        _json(dossier.result),
        dossier.linked_to,
    )
    if taken is None:
        return False
    await _write_beside(connection, dossier, 0, notices, now)
    return True


async def update_dossier(
    connection: Connection, before: Dossier, after: Dossier, notices: Sequence[Notice], now: datetime
) -> bool:
    """Write what an act made of a dossier; False, with nothing written, when another act was faster.

    State and version are compared in the update itself: of two officers who act on the same dossier one wins.
    """
    won = await connection.fetchval(
        "UPDATE dossier SET commune_code = $4, subject_ids = $5, inputs = $6, digest = $7, half_days = $8, "
        "due_on = $9, fee = $10, state = $11, version = $12, decision = $13, result = $14 "
        "WHERE dossier_code = $1 AND state = $2 AND version = $3 RETURNING 1",
        before.code,
        before.state.value,
        before.version,
        after.commune_code,
        list(after.subject_ids),
        _json(after.inputs),
        _digest(after),
        after.term.half_days,
        after.due_on,
        _json(asdict(after.fee)),
        after.state.value,
        after.version,
        None if after.decision is None else _json(asdict(after.decision)),
        _json(after.result),
    )
    if won is None:
        return False
    await connection.execute("DELETE FROM dossier_consent WHERE dossier_code = $1", before.code)
    await _write_beside(connection, after, before.version, notices, now)
    return True


async def _write_beside(
    connection: Connection, dossier: Dossier, known: int, notices: Sequence[Notice], now: datetime
) -> None:
    events = [event for event in dossier.history if event.number > known]
    await connection.execute(
        "INSERT INTO dossier_event (dossier_code, event_no, act, state, occurred_at, entered_at, done_by, form, "
        "detail) SELECT $1, n, a, s, o, e, b, f, d::jsonb FROM unnest($2::int[], $3::text[], $4::smallint[], "
        "$5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[]) AS row(n, a, s, o, e, b, f, d)",
        dossier.code,
        [e.number for e in events],
        [e.act for e in events],
        [e.state.value for e in events],
        [e.occurred_at for e in events],
        [e.entered_at for e in events],
        [e.by for e in events],
        [None if e.form is None else e.form.value for e in events],
        [_json(e.detail) for e in events],
    )
    if any(e.form in SUPERSEDING_FORMS for e in events):
        await mark_superseded(connection, dossier.code)
    needs = [consent.need for consent in dossier.consents]
    await connection.execute(
        "INSERT INTO dossier_consent (dossier_code, consent_no, role, person_id, why, any_of, state, asked_at, "
        "answered_at, channel, recorded_by, evidence) "
        "SELECT $1, row.* FROM unnest($2::smallint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], "
        "$8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::text[]) AS row",
        dossier.code,
        list(range(1, len(needs) + 1)),
        [need.role.value for need in needs],
        [need.person_id for need in needs],
        [need.why for need in needs],
        [need.any_of for need in needs],
        [c.state.value for c in dossier.consents],
        [c.asked_at for c in dossier.consents],
        [c.answered_at for c in dossier.consents],
        [None if c.channel is None else c.channel.value for c in dossier.consents],
        [c.recorded_by for c in dossier.consents],
        [c.evidence for c in dossier.consents],
    )
    await write_notices(connection, dossier.code, notices, now)


async def write_notices(connection: Connection, code: str, notices: Sequence[Notice], now: datetime) -> None:
    """Lines of the outbox, true with the transaction."""
    await connection.execute(
        "INSERT INTO dossier_outbox (dossier_code, event_id, kind, recipients, body, created_at) "
        "SELECT $1, i, k, string_to_array(r, ' '), b::jsonb, $2 "
        "FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) AS row(i, k, r, b)",
        code,
        now,
        [uuid4() for _ in notices],
        [notice.kind for notice in notices],
        [" ".join(notice.recipients) for notice in notices],
        [_json(notice.body) for notice in notices],
    )


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _digest(dossier: Dossier) -> bytes:
    """What makes two submissions the same: the inputs, in whatever order they were written."""
    return hashlib.sha256(_json([sorted(dossier.subject_ids), dossier.inputs]).encode()).digest()

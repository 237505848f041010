"""Rows to dossiers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import orjson

from population_registry.dossiers.consents import Channel, Consent, ConsentNeed, ConsentState, Role
from population_registry.dossiers.dossier import Decision, Dossier, Event, Filing, Form
from population_registry.dossiers.fees import Fee, FeeState
from population_registry.dossiers.states import OPEN, DossierState
from population_registry.dossiers.terms import Term
from population_registry.storage.connections import Connection

Row = Sequence[Any]
_DOSSIERS: Final = (
    "SELECT dossier_code, procedure_code, client_id, agency, commune_code, applicant_id, subject_ids, "
    "assisted_by, filing, purpose, inputs, half_days, fee, filed_at, state, decision, result, linked_to FROM dossier "
)
_EVENTS: Final = (
    "SELECT dossier_code, event_no, act, state, occurred_at, entered_at, done_by, form, detail FROM dossier_event "
    "WHERE dossier_code = ANY($1::text[]) ORDER BY dossier_code, event_no"
)
_CONSENTS: Final = (
    "SELECT dossier_code, role, person_id, why, any_of, state, asked_at, answered_at, channel, recorded_by, evidence "
    "FROM dossier_consent WHERE dossier_code = ANY($1::text[]) ORDER BY dossier_code, consent_no"
)
_OPENED: Final = "($4::text[] IS NULL OR procedure_code = ANY($4) OR dossier_code = ANY($5::text[]))"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a list may show: every dossier of these procedures, and these dossiers."""

    procedures: tuple[str, ...] = ()
    dossiers: tuple[str, ...] = ()


def _values(opened: Opened | None) -> tuple[list[str] | None, list[str] | None]:
    return (None, None) if opened is None else (list(opened.procedures), list(opened.dossiers))


async def read_dossier(connection: Connection, code: str) -> Dossier | None:
    """The dossier of that code with history and consents; None when there is none."""
    found = await _read(connection, "WHERE dossier_code = $1", code)
    return found[0] if found else None


async def hold_umbrella(connection: Connection, code: str, linked: Collection[str]) -> Dossier | None:
    """The linked dossier to which this code belongs, held until the transaction ends; None for any other dossier."""
    found = await connection.fetchval(
        "SELECT dossier_code FROM dossier WHERE procedure_code = ANY($2::text[]) AND dossier_code = "
        "(SELECT coalesce(linked_to, dossier_code) FROM dossier WHERE dossier_code = $1) FOR NO KEY UPDATE",
        code,
        list(linked),
    )
    return None if found is None else await read_dossier(connection, str(found))


async def linked_dossiers(connection: Connection, code: str) -> tuple[Dossier, ...]:
    """The parts of a linked dossier in the order of their filing."""
    return await _read(
        connection,
        "WHERE linked_to = $1 ORDER BY filed_at, dossier_code",
        code,
    )


async def open_umbrellas(connection: Connection, linked: Collection[str]) -> tuple[str, ...]:
    """The codes of linked dossiers that are not decided, the oldest first."""
    rows = await connection.fetch(
        "SELECT dossier_code FROM dossier WHERE procedure_code = ANY($1::text[]) AND state = ANY($2::smallint[]) "
        "ORDER BY filed_at",
        list(linked),
        [state.value for state in OPEN],
    )
    return tuple(str(row[0]) for row in rows)


async def dossiers_of(
    connection: Connection,
    applicant_id: int,
    *,
    before: datetime,
    limit: int,
    opened: Opened | None = None,
) -> tuple[Dossier, ...]:
    """The dossiers that a person filed before that moment, newest first; only those opened, where that is said."""
    return await _read(
        connection,
        "WHERE applicant_id = $1 AND filed_at < $2 "
        f"AND {_OPENED} ORDER BY filed_at DESC, dossier_code LIMIT $3",
        applicant_id,
        before,
        limit,
        *_values(opened),
    )


async def read_queue(
    connection: Connection,
    communes: Sequence[str] | None,
    procedures: Sequence[str],
    states: Sequence[DossierState],
    *,
    limit: int,
) -> tuple[Dossier, ...]:
    """The dossiers of these communes (None: of all and of none) and procedures in these states, those due first."""
    return await _read(
        connection,
        "WHERE ($1::text[] IS NULL OR commune_code = ANY($1)) "
        "AND procedure_code = ANY($2::text[]) AND state = ANY($3::smallint[]) "
        "ORDER BY due_on NULLS LAST, filed_at LIMIT $4",
        None if communes is None else list(communes),
        list(procedures),
        [state.value for state in states],
        limit,
    )


async def consents_asked_of(
    connection: Connection, person_id: int, *, since: datetime, limit: int, opened: Opened | None = None
) -> tuple[Dossier, ...]:
    """The dossiers that asked this person for consent after that moment, newest first; `opened` as above."""
    return await _read(
        connection,
        "WHERE dossier_code IN (SELECT dossier_code FROM dossier_consent "  # noqa: S608 -- constant text
        f"WHERE person_id = $1 AND asked_at > $2) AND {_OPENED} ORDER BY filed_at DESC LIMIT $3",
        person_id,
        since,
        limit,
        *_values(opened),
    )


async def _read(connection: Connection, which: str, *values: object) -> tuple[Dossier, ...]:
    """Those dossiers whole; ``which`` is the end of a query, with the parameters of ``values``."""
    rows = cast("Sequence[Row]", await connection.fetch(_DOSSIERS + which, *values))
    codes = [row[0] for row in rows]
    events: dict[str, list[Event]] = {code: [] for code in codes}
    consents: dict[str, list[Consent]] = {code: [] for code in codes}
    if codes:
        for row in cast("Sequence[Row]", await connection.fetch(_EVENTS, codes)):
            events[row[0]].append(_event(row))
        for row in cast("Sequence[Row]", await connection.fetch(_CONSENTS, codes)):
            consents[row[0]].append(_consent(row))
    return tuple(_dossier(row, tuple(events[row[0]]), tuple(consents[row[0]])) for row in rows)


def _dossier(row: Row, history: tuple[Event, ...], consents: tuple[Consent, ...]) -> Dossier:
    (
        code, procedure, client, agency, commune, applicant, subjects, assisted, filing, purpose, inputs, half_days,
        fee, filed_at, state, decision, result, linked_to,
    ) = row  # in the order of the columns  # fmt: skip
    return Dossier(
        code=code,
        procedure_code=procedure,
        client_id=client,
        agency=agency,
        commune_code=commune,
        applicant_id=applicant,
        subject_ids=tuple(subjects),
        assisted_by=assisted,
        filing=Filing(filing),
        purpose=purpose,
        inputs=orjson.loads(inputs),
        term=Term(half_days),
        fee=_fee(orjson.loads(fee)),
        filed_at=filed_at,
        state=DossierState(state),
        consents=consents,
        history=history,
        decision=None if decision is None else _decision(orjson.loads(decision)),
        result=orjson.loads(result),
        linked_to=linked_to,
    )


def _fee(found: dict[str, Any]) -> Fee:
    return Fee(**{**found, "state": FeeState(found["state"])})


def _decision(found: dict[str, Any]) -> Decision:
    at = datetime.fromisoformat(found["at"])
    return Decision(**{**found, "at": at, "confirmed": tuple(found["confirmed"])})


def _event(row: Row) -> Event:
    _, number, act, state, occurred_at, entered_at, by, form, detail = row
    return Event(
        number=number,
        act=act,
        state=DossierState(state),
        occurred_at=occurred_at,
        entered_at=entered_at,
        by=by,
        form=None if form is None else Form(form),
        detail=orjson.loads(detail),
    )


def _consent(row: Row) -> Consent:
    _, role, person, why, any_of, state, asked_at, answered_at, channel, recorded_by, evidence = row
    return Consent(
        need=ConsentNeed(Role(role), person, why, any_of),
        state=ConsentState(state),
        asked_at=asked_at,
        answered_at=answered_at,
        channel=None if channel is None else Channel(channel),
        recorded_by=recorded_by,
        evidence=evidence,
    )

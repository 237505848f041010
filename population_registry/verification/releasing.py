"""Values out: only fields the catalogue names, about the person of the token, or for the identity provider itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from population_registry.domain import (
    AccessEntry,
    FieldUse,
    RegistryFacts,
)
from population_registry.verification.asking import (
    Caller,
    Context,
    read_context,
    read_number,
    read_object,
    require_scope,
)
from population_registry.verification.authorising import SCOPE_RELEASE, admit
from population_registry.verification.catalogue import Catalogue
from population_registry.verification.deciding import Stamp
from population_registry.verification.fields import FIELDS, HOUSEHOLD, housemates
from population_registry.verification.refusals import Refusal, RefusalCode, malformed, unknown_name
from population_registry.verification.rich_requests import require_within

PROVIDER = "idp"
PROVIDER_PROCEDURE = "eid.profile"
"""The identity provider reads the profile of whoever it enrols or signs in, without a person's token."""


_MOST_FIELDS = 30


@dataclass(frozen=True, slots=True)
class Release:
    """A release that may be made: of which fields, about whom."""

    context: Context
    number: str
    fields: tuple[str, ...]


def read_release(body: object, caller: Caller, catalogue: Catalogue, now: datetime) -> Release:
    """A release that may be made.

    Raises:
        Refusal: it may not: wrong scope, procedure, field, or a person other than the one of the token.
    """
    members = read_object(
        body,
        "",
        allowed={"purpose", "procedure_code", "dossier_code", "officer", "subject", "fields"},
        required={"purpose", "procedure_code", "fields"},
    )
    require_scope(caller, SCOPE_RELEASE)
    context = read_context(members)
    procedure = admit(caller, context, catalogue, now)
    fields = members["fields"]
    if not isinstance(fields, list) or not 1 <= len(fields) <= _MOST_FIELDS:
        raise malformed("fields")
    for name in fields:
        if not isinstance(name, str) or name not in FIELDS:
            raise unknown_name("fields", name, procedure.releasable)
        if name not in procedure.releasable:
            raise procedure.refusal(
                RefusalCode.FIELD_NOT_ALLOWED,
                "releasable",
                member=f"fields.{name}",
                allowed=tuple(sorted(procedure.releasable)),
            )
    require_within(caller.details, context, fields)
    number = _whose(members, caller, context)
    return Release(context, number, tuple(dict.fromkeys(fields)))


def _whose(members: Mapping[str, Any], caller: Caller, context: Context) -> str:
    """The number of the token's person; for the provider's own procedure the number it names."""
    named = None
    if "subject" in members:
        subject = read_object(members["subject"], "subject", allowed={"number"}, required={"number"})
        named = read_number(subject["number"], "subject.number")
    if caller.client_id == PROVIDER and context.procedure_code == PROVIDER_PROCEDURE:
        if named is None:
            raise malformed("subject")
        return named
    if caller.person_number is None:
        raise Refusal(RefusalCode.SUBJECT_TOKEN_REQUIRED)
    if named not in {None, caller.person_number}:
        raise Refusal(RefusalCode.OTHER_SUBJECT, member="subject.number")
    return caller.person_number


def release(
    wanted: Release, caller: Caller, facts: RegistryFacts, stamp: Stamp
) -> tuple[dict[str, object], tuple[AccessEntry, ...]]:
    """The values and the rows to write before they leave: one for everybody whose data are among them.

    Raises:
        Refusal: `person-unknown`; only a caller with a right to the record ever comes this far.
    """
    person = facts.subject
    if person is None:
        raise Refusal(RefusalCode.PERSON_UNKNOWN)
    values = {name: FIELDS[name](person, facts, stamp.today) for name in wanted.fields}
    own = dict.fromkeys(wanted.fields, FieldUse.RELEASED)
    used = {person.person.person_id: own}
    if HOUSEHOLD in wanted.fields:
        for member, _ in housemates(facts):
            used.setdefault(member.person.person_id, {HOUSEHOLD: FieldUse.RELEASED})
    entries = zip(stamp.entry_ids, used.items(), strict=True)
    return values, tuple(
        _entry(wanted, caller, stamp, entry_id, person_id, fields)
        for entry_id, (person_id, fields) in entries
    )


def people_in(wanted: Release, facts: RegistryFacts) -> int:
    """How many people's data a release holds; so many rows are written."""
    others = len(housemates(facts)) - 1 if HOUSEHOLD in wanted.fields else 0
    return 1 + max(others, 0)


def _entry(
    wanted: Release,
    caller: Caller,
    stamp: Stamp,
    entry_id: UUID,
    person_id: int,
    fields: Mapping[str, FieldUse],
) -> AccessEntry:
    return AccessEntry(
        entry_id=entry_id,
        at=stamp.now,
        subject_id=person_id,
        client_id=caller.client_id,
        agency=caller.agency,
        officer=wanted.context.officer or caller.actor,
        purpose=wanted.context.purpose,
        procedure_code=wanted.context.procedure_code,
        dossier_code=wanted.context.dossier_code,
        fields=fields,
        outcome="released",
        receipt_id=None,
        correlation_id=stamp.correlation_id,
    )


def entries_of(entries: Sequence[AccessEntry]) -> list[dict[str, object]]:
    """Access-log rows as JSON for the person they are about: who looked, when, why, at what."""
    return [
        {
            "entry_id": str(entry.entry_id),
            "at": entry.at.isoformat(),
            "client": entry.client_id,
            "agency": entry.agency,
            "officer": entry.officer,
            "purpose": entry.purpose,
            "procedure_code": entry.procedure_code,
            "dossier_code": entry.dossier_code,
            "fields": {name: use.value for name, use in entry.fields.items()},
            "outcome": entry.outcome,
        }
        for entry in entries
    ]

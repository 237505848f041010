"""Values out: only fields the catalogue names, about the person of the token, or for the identity provider itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from population_registry.domain import (
    AccessEntry,
    FieldUse,
    FormerNumberKind,
    Household,
    PersonFacts,
    PersonStatus,
    RegistryFacts,
    Relation,
    ResidenceKind,
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
from population_registry.verification.refusals import Refusal, RefusalCode, malformed

PROVIDER = "idp"
PROVIDER_PROCEDURE = "eid.profile"
"""The identity provider reads the profile of whoever it enrols or signs in, without a person's token."""

HOUSEHOLD = "household"
"""The field that names other people; each of them finds the release in their own access log."""

_MOST_FIELDS = 30


@dataclass(frozen=True, slots=True)
class Release:
    """A release that may be made: of which fields, about whom."""

    context: Context
    number: str
    fields: tuple[str, ...]


def _address(kind: ResidenceKind) -> Callable[[PersonFacts, RegistryFacts, date], object]:
    def read(person: PersonFacts, _facts: RegistryFacts, day: date) -> object:
        residence = person.residence(kind, day)
        if residence is None:
            return None
        return {
            "text": residence.address.text,
            "commune_code": residence.address.commune_code,
            "dwelling": None if residence.dwelling_id is None else str(residence.dwelling_id),
            "since": residence.since.isoformat(),
            "until": None if residence.until is None else residence.until.isoformat(),
        }

    return read


def _name(person: PersonFacts, _facts: RegistryFacts, _day: date) -> object:
    name = person.person.name
    return {"full": name.full, "family": name.family, "middle": name.middle, "given": name.given}


def _former(kind: FormerNumberKind) -> Callable[[PersonFacts, RegistryFacts, date], object]:
    return lambda person, _facts, _day: [n.value for n in person.former_numbers if n.kind is kind]


def _card(person: PersonFacts, _facts: RegistryFacts, day: date) -> object:
    card = person.usable_document(day)
    if card is None:
        return None
    expires = None if card.expires is None else card.expires.isoformat()
    return {"kind": card.kind.value, "issued": card.issued.isoformat(), "expires": expires}


def household_of(facts: RegistryFacts) -> Household | None:
    """The subject's household: registered permanently together, else temporarily (Law 25/2008 Art. 2(7))."""
    if facts.subject is None:
        return None
    person_id = facts.subject.person.person_id
    return facts.household_of(person_id, ResidenceKind.PERMANENT) or facts.household_of(
        person_id, ResidenceKind.TEMPORARY
    )


def housemates(facts: RegistryFacts) -> tuple[tuple[PersonFacts, Relation], ...]:
    """The living members of the subject's household that were loaded, with the subject, the head first."""
    household = household_of(facts)
    if household is None:
        return ()
    found = {each.person.person_id: each for each in facts.people.values()}
    living = [
        (found[member.person_id], member.relation)
        for member in household.members
        if member.person_id in found and found[member.person_id].person.status is not PersonStatus.DECEASED
    ]
    return tuple(sorted(living, key=lambda each: each[1] is not Relation.HEAD))


def _household(_person: PersonFacts, facts: RegistryFacts, day: date) -> object:
    """What form 4 of Decree 188/2025 asks of each member; nothing more of people who are not present."""
    return [
        {
            "number": str(member.person.number),
            "name": _name(member, facts, day),
            "birth_date": str(member.person.birth),
            "relation": relation.value,
        }
        for member, relation in housemates(facts)
    ]


def _insurance(person: PersonFacts, _facts: RegistryFacts, day: date) -> object:
    cover = person.insurance(day)
    if cover is None:
        return None
    return {
        "card_code": cover.card_code,
        "valid_from": cover.valid_from.isoformat(),
        "valid_until": cover.valid_until.isoformat(),
        "facility": cover.facility,
    }


FIELDS: Mapping[str, Callable[[PersonFacts, RegistryFacts, date], object]] = {
    "number": lambda person, _facts, _day: str(person.person.number),
    "name": _name,
    "birth_date": lambda person, _facts, _day: str(person.person.birth),
    "sex": lambda person, _facts, _day: person.person.sex.value,
    "nationality": lambda person, _facts, _day: person.person.nationality,
    "status": lambda person, _facts, _day: person.person.status.value,
    "alive": lambda person, _facts, _day: person.person.status is not PersonStatus.DECEASED,
    "old_numbers": _former(FormerNumberKind.CMND),
    "cancelled_numbers": _former(FormerNumberKind.CANCELLED),
    "marital_status": lambda person, _facts, _day: person.person.marital_status.value,
    "card": _card,
    "permanent_address": _address(ResidenceKind.PERMANENT),
    "temporary_address": _address(ResidenceKind.TEMPORARY),
    "current_address": _address(ResidenceKind.CURRENT),
    HOUSEHOLD: _household,
    "head_of_household": lambda person, facts, _day: facts.is_head(person.person.person_id),
    "social_insurance_number": lambda person, _facts, _day: person.person.social_insurance,
    "health_insurance": _insurance,
}
"""Every field that can be released, by name; no sensitive one (ethnic group, religion, biometrics)."""


def read_release(body: object, caller: Caller, catalogue: Catalogue) -> Release:
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
    procedure = admit(caller, context, catalogue)
    fields = members["fields"]
    if not isinstance(fields, list) or not 1 <= len(fields) <= _MOST_FIELDS:
        raise malformed("fields")
    for name in fields:
        if not isinstance(name, str) or name not in FIELDS:
            raise malformed("fields")
        if name not in procedure.releasable:
            raise Refusal(RefusalCode.FIELD_NOT_ALLOWED, member=f"fields.{name}")
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

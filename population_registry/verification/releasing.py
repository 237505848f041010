"""Values out: only fields the catalogue names, about the person of the token, or for the identity provider itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from population_registry.domain import (
    AccessEntry,
    FieldUse,
    FormerNumberKind,
    PersonFacts,
    PersonStatus,
    RegistryFacts,
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
) -> tuple[dict[str, object], AccessEntry]:
    """The values and the row to write before they leave.

    Raises:
        Refusal: `person-unknown`; only a caller with a right to the record ever comes this far.
    """
    person = facts.subject
    if person is None:
        raise Refusal(RefusalCode.PERSON_UNKNOWN)
    values = {name: FIELDS[name](person, facts, stamp.today) for name in wanted.fields}
    entry = AccessEntry(
        entry_id=stamp.entry_ids[0],
        at=stamp.now,
        subject_id=person.person.person_id,
        client_id=caller.client_id,
        agency=caller.agency,
        officer=wanted.context.officer or caller.actor,
        purpose=wanted.context.purpose,
        procedure_code=wanted.context.procedure_code,
        dossier_code=wanted.context.dossier_code,
        fields=dict.fromkeys(wanted.fields, FieldUse.RELEASED),
        outcome="released",
        receipt_id=None,
        correlation_id=stamp.correlation_id,
    )
    return values, entry


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

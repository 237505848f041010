"""Turns the rows of the facts query and the JSON arrays in them into domain values."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import orjson

from population_registry.domain import (
    Address,
    Document,
    DocumentKind,
    DocumentState,
    Dwelling,
    DwellingKind,
    FormerNumber,
    FormerNumberKind,
    FoundBy,
    HealthInsurance,
    Household,
    InsuranceState,
    Kin,
    KinKind,
    MaritalStatus,
    Membership,
    PartialDate,
    Person,
    PersonalNumber,
    PersonFacts,
    PersonName,
    PersonStatus,
    Relation,
    Residence,
    ResidenceKind,
    Sex,
    Tenure,
)
from population_registry.storage.connections import iso_date

Row = list[Any]
"""Strings, numbers, nested arrays, null, as PostgreSQL built them."""

E = TypeVar("E", bound=StrEnum)


def _members(kind: type[E]) -> dict[str, E]:
    """Values to members; a third of the price of calling the enumeration."""
    return {member.value: member for member in kind}


_DOCUMENT_KIND = _members(DocumentKind)
_DOCUMENT_STATE = _members(DocumentState)
_DWELLING_KIND = _members(DwellingKind)
_FORMER_NUMBER_KIND = _members(FormerNumberKind)
_FOUND_BY = _members(FoundBy)
_INSURANCE_STATE = _members(InsuranceState)
_KIN_KIND = _members(KinKind)
_MARITAL_STATUS = _members(MaritalStatus)
_PERSON_STATUS = _members(PersonStatus)
_RELATION = _members(Relation)
_RESIDENCE_KIND = _members(ResidenceKind)
_SEX = _members(Sex)
_TENURE = _members(Tenure)


def read_person(row: Row) -> PersonFacts:
    """One found person; the six lists at the end are JSON texts, None where empty or not asked for."""
    (
        _, found_by, person_id, number, family, middle, given, birth, sex, nationality, marital, status,
        since, replaced_by, social, former, documents, residences, memberships, kin, insurances,
    ) = row  # in the order of the columns  # fmt: skip
    person = Person(
        person_id=person_id,
        number=PersonalNumber(number),
        name=PersonName.stored(family, middle, given),
        birth=PartialDate.parse(birth),
        sex=_SEX[sex],
        nationality=nationality,
        marital_status=_MARITAL_STATUS[marital],
        status=_PERSON_STATUS[status],
        status_since=iso_date(since),
        replaced_by=None if replaced_by is None else PersonalNumber(replaced_by),
        social_insurance=social,
    )
    return PersonFacts(
        person=person,
        found_by=_FOUND_BY[found_by],
        former_numbers=tuple(
            FormerNumber(_FORMER_NUMBER_KIND[kind], value, iso_date(until))
            for kind, value, until in read_rows(former)
        ),
        documents=tuple(_document(each) for each in read_rows(documents)),
        residences=tuple(_residence(each) for each in read_rows(residences)),
        memberships=tuple(
            Membership(home, person_id, _RELATION[relation], _day(begun), iso_date(until))
            for home, relation, begun, until in read_rows(memberships)
        ),
        kin=tuple(Kin(_KIN_KIND[kind], kin_id, name) for kind, kin_id, name in read_rows(kin)),
        insurances=tuple(_insurance(each) for each in read_rows(insurances)),
    )


def read_household(row: Row) -> Household:
    """One household with the members of today."""
    household_id, file_number, kind, dwelling_id, members = row
    return Household(
        household_id=household_id,
        file_number=file_number,
        kind=_RESIDENCE_KIND[kind],
        dwelling_id=dwelling_id,
        members=tuple(
            Membership(household_id, person_id, _RELATION[relation], _day(since))
            for person_id, relation, since in members or ()
        ),
    )


def read_dwelling(row: Row) -> Dwelling:
    """One dwelling with its owners."""
    dwelling_id, kind, commune, text, as_issued, area, disputed, owners = row
    return Dwelling(
        dwelling_id=dwelling_id,
        kind=_DWELLING_KIND[kind],
        address=Address(commune, text, as_issued),
        floor_area_m2=float(area),
        owner_ids=tuple(owners or ()),
        disputed=disputed,
    )


def read_rows(text: str | None) -> Sequence[Row]:
    """The arrays of a JSON text; none for None."""
    rows: Sequence[Row] = () if text is None else orjson.loads(text)
    return rows


def _document(row: Row) -> Document:
    kind, number, issued, expires, state = row
    return Document(_DOCUMENT_KIND[kind], number, _day(issued), iso_date(expires), _DOCUMENT_STATE[state])


def _residence(row: Row) -> Residence:
    kind, commune, text, as_issued, dwelling_id, tenure, since, until, ended = row
    return Residence(
        kind=_RESIDENCE_KIND[kind],
        address=Address(commune, text, as_issued),
        dwelling_id=dwelling_id,
        tenure=_TENURE[tenure],
        since=_day(since),
        until=iso_date(until),
        ended=iso_date(ended),
    )


def _insurance(row: Row) -> HealthInsurance:
    code, group, benefit, begins, ends, facility, five_years, state, since = row
    return HealthInsurance(
        card_code=code,
        group=group,
        benefit=benefit,
        valid_from=_day(begins),
        valid_until=_day(ends),
        facility=facility,
        five_year_from=iso_date(five_years),
        state=_INSURANCE_STATE[state],
        state_since=iso_date(since),
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)

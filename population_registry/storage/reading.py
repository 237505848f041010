"""Turns the JSON arrays of the facts query into domain values."""

from datetime import date
from typing import Any

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
"""One JSON array as PostgreSQL built it: strings, numbers, nested arrays, null."""


def read_person(row: Row) -> PersonFacts:
    """One found person with everything recorded about them."""
    (
        _, found_by, person_id, number, family, middle, given, birth, sex, nationality, marital, status,
        since, replaced_by, social, former, documents, residences, memberships, kin, insurances,
    ) = row  # fmt: skip
    person = Person(
        person_id=person_id,
        number=PersonalNumber(number),
        name=PersonName.stored(family, middle, given),
        birth=PartialDate.parse(birth),
        sex=Sex(sex),
        nationality=nationality,
        marital_status=MaritalStatus(marital),
        status=PersonStatus(status),
        status_since=iso_date(since),
        replaced_by=None if replaced_by is None else PersonalNumber(replaced_by),
        social_insurance=social,
    )
    return PersonFacts(
        person=person,
        found_by=FoundBy(found_by),
        former_numbers=tuple(
            FormerNumber(FormerNumberKind(kind), value, iso_date(until))
            for kind, value, until in former or ()
        ),
        documents=tuple(_document(each) for each in documents or ()),
        residences=tuple(_residence(each) for each in residences or ()),
        memberships=tuple(
            Membership(home, person_id, Relation(relation), _day(begun), iso_date(until))
            for home, relation, begun, until in memberships or ()
        ),
        kin=tuple(Kin(KinKind(kind), kin_id, name) for kind, kin_id, name in kin or ()),
        insurances=tuple(_insurance(each) for each in insurances or ()),
    )


def read_household(row: Row) -> Household:
    """One household with the members of today."""
    household_id, file_number, kind, dwelling_id, members = row
    return Household(
        household_id=household_id,
        file_number=file_number,
        kind=ResidenceKind(kind),
        dwelling_id=dwelling_id,
        members=tuple(
            Membership(household_id, person_id, Relation(relation), _day(since))
            for person_id, relation, since in members or ()
        ),
    )


def read_dwelling(row: Row) -> Dwelling:
    """One dwelling with its owners."""
    dwelling_id, kind, commune, text, as_issued, area, disputed, owners = row
    return Dwelling(
        dwelling_id=dwelling_id,
        kind=DwellingKind(kind),
        address=Address(commune, text, as_issued),
        floor_area_m2=float(area),
        owner_ids=tuple(owners or ()),
        disputed=disputed,
    )


def _document(row: Row) -> Document:
    kind, number, issued, expires, state = row
    return Document(DocumentKind(kind), number, _day(issued), iso_date(expires), DocumentState(state))


def _residence(row: Row) -> Residence:
    kind, commune, text, as_issued, dwelling_id, tenure, since, until, ended = row
    return Residence(
        kind=ResidenceKind(kind),
        address=Address(commune, text, as_issued),
        dwelling_id=dwelling_id,
        tenure=Tenure(tenure),
        since=_day(since),
        until=iso_date(until),
        ended=iso_date(ended),
    )


def _insurance(row: Row) -> HealthInsurance:
    code, group, benefit, begins, ends, facility, five_years, state = row
    return HealthInsurance(
        card_code=code,
        group=group,
        benefit=benefit,
        valid_from=_day(begins),
        valid_until=_day(ends),
        facility=facility,
        five_year_from=iso_date(five_years),
        state=InsuranceState(state),
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)

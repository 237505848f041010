"""Invented people for the pure tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

from population_registry.api.catalogue_files import load_catalogue
from population_registry.domain import (
    Address,
    Dwelling,
    DwellingKind,
    FormerNumber,
    FormerNumberKind,
    FoundBy,
    HealthInsurance,
    Household,
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
    RegistryFacts,
    Relation,
    Residence,
    ResidenceKind,
    Sex,
    Tenure,
)
from population_registry.verification.asking import Caller, Context, Question
from population_registry.verification.authorising import permit
from population_registry.verification.deciding import Policy, Stamp, decide
from population_registry.verification.guessing import tries_of

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
AN, BINH, CHI, DEAD = "099190000101", "099088000102", "099215000103", "099040000104"
CATALOGUE = load_catalogue()
POLICY = Policy()
CONTEXT = Context("Thẩm định hồ sơ", "1.004194", "G01.899.05-261121-010042", "CA-17")
PORTAL = Caller("residence-portal", frozenset({"registry:verify"}), party_kind="state", agency_code="G01")
IDENTITY = {"name": "Nguyễn Thị An", "birth_date": "1990-05-17"}
STAMP = Stamp(NOW, UUID(int=1), UUID(int=2), tuple(UUID(int=n) for n in range(3, 60)), "REF-1")


def person(person_id, number, name, birth, sex=Sex.FEMALE, status=PersonStatus.ACTIVE, **more):
    """One person with facts."""
    family, *middle, given = name.split(" ")
    return PersonFacts(
        Person(
            person_id=person_id,
            number=PersonalNumber(number),
            name=PersonName(family, " ".join(middle), given),
            birth=PartialDate.parse(birth),
            sex=sex,
            nationality="VN",
            marital_status=MaritalStatus.SINGLE,
            status=status,
            status_since=None if status is PersonStatus.ACTIVE else TODAY,
        ),
        FoundBy.CURRENT,
        **more,
    )


def lives(kind, commune, dwelling, **more):
    """One residence."""
    return Residence(
        kind, Address(commune, "Số 5, đường Hoa Sen"), dwelling, Tenure.OWNED, date(2020, 1, 1), **more
    )


PEOPLE = {
    AN: person(
        1,
        AN,
        "Nguyễn Thị An",
        "1990-05-17",
        former_numbers=(FormerNumber(FormerNumberKind.CMND, "099000101"),),
        residences=(lives(ResidenceKind.PERMANENT, "00004", 7),),
        kin=(Kin(KinKind.CHILD, 3, "Trần An Chi"),),
        insurances=(
            HealthInsurance("GD4019900000101", "GD", 4, date(2025, 1, 1), date(2026, 10, 31), "01-001"),
        ),
    ),
    BINH: person(2, BINH, "Trần Văn Bình", "1988", Sex.MALE),
    CHI: person(3, CHI, "Trần An Chi", "2015-09-01"),
    DEAD: person(4, DEAD, "Lê Văn Khuất", "1940-02-02", Sex.MALE, PersonStatus.DECEASED),
}
HOUSEHOLDS = {
    5: Household(
        5,
        "099000000005",
        ResidenceKind.PERMANENT,
        7,
        (
            Membership(5, 1, Relation.HEAD, date(2020, 1, 1)),
            Membership(5, 3, Relation.CHILD, date(2020, 1, 1)),
        ),
    )
}
DWELLINGS = {7: Dwelling(7, DwellingKind.HOUSE, Address("00004", "Số 5, đường Hoa Sen"), 60.0, (2,))}


def ask(number, claims, *, caller=PORTAL, context=CONTEXT, tried=None, catalogue=CATALOGUE):
    """The decision about a question, on these people."""
    permitted = permit(caller, Question(context, number, claims), catalogue, NOW)
    facts = RegistryFacts(
        permitted.numbers,
        {each: PEOPLE[each] for each in permitted.numbers if each in PEOPLE},
        HOUSEHOLDS,
        DWELLINGS,
        tried or {},
    )
    tries = tries_of(
        client_id=caller.client_id,
        number=number,
        is_self=permitted.is_self,
        values=permitted.values,
        window_start=POLICY.budget.window_start(NOW),
        keyed_hash=lambda text: sha256(text.encode()).digest(),
    )
    return decide(permitted, caller, facts, tries, STAMP, POLICY)


def flag(number, claim, value, **more):
    """The flag and reasons of one claim about an established person."""
    given_identity = {"name": PEOPLE[number].person.name.full, "birth_date": str(PEOPLE[number].person.birth)}
    result = ask(number, given_identity | {claim: value}, **more).results[claim]
    return (result.flag.value, *result.reasons)

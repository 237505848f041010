"""A small town for the pure tests of dossiers: one family at their own house, a tenant, a landlady, a flat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from population_registry.domain import (
    Address,
    Dwelling,
    DwellingKind,
    Household,
    Kin,
    KinKind,
    MaritalStatus,
    Membership,
    PersonStatus,
    RegistryFacts,
    Relation,
    Residence,
    ResidenceKind,
    Sex,
    Tenure,
)
from population_registry.dossiers import Case, Channel, Consent, ConsentState, Filing
from population_registry.dossiers.deciding import all_checks
from tests.registry_verification.people import person

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LONG_AGO = date(2015, 1, 1)
HOUSE, FLAT = Address("00004", "Số 5, đường Hoa Sen"), Address("00166", "Căn hộ 12-05, số 8 ngõ 21")
NUMBERS = {
    "hung": "099079000201",
    "mai": "099182000202",
    "chi": "099322000203",
    "nam": "099205000204",
    "lan": "099194000205",
    "phuc": "099068000206",
    "cu": "099040000207",
}
NAMES = {
    "hung": ("Lê Quang Hùng", "1979-08-23", Sex.MALE),
    "mai": ("Trần Thị Mai", "1982-03-04", Sex.FEMALE),
    "chi": ("Lê Mai Chi", "2022-05-06", Sex.FEMALE),
    "nam": ("Lê Quang Nam", "2005-01-02", Sex.MALE),
    "lan": ("Nguyễn Thị Lan", "1994-05-17", Sex.FEMALE),
    "phuc": ("Trần Văn Phúc", "1968-02-09", Sex.MALE),
    "cu": ("Lê Văn Cụ", "1940-02-02", Sex.MALE),
}
IDS = {name: number for number, name in enumerate(NUMBERS, 1)}
KIN = {
    "hung": (("mai", KinKind.SPOUSE), ("chi", KinKind.CHILD), ("nam", KinKind.CHILD), ("cu", KinKind.FATHER)),
    "mai": (("hung", KinKind.SPOUSE), ("chi", KinKind.CHILD), ("nam", KinKind.CHILD)),
    "chi": (("hung", KinKind.FATHER), ("mai", KinKind.MOTHER)),
    "nam": (("hung", KinKind.FATHER), ("mai", KinKind.MOTHER)),
    "cu": (("hung", KinKind.CHILD),),
}
AT_HOUSE = {
    "hung": Relation.HEAD,
    "mai": Relation.SPOUSE_WIFE,
    "nam": Relation.CHILD,
    "cu": Relation.PARENT,
}


def lives(kind, address, dwelling, tenure=Tenure.OWNED, since=LONG_AGO, **more):
    """One registration."""
    return Residence(kind, address, dwelling, tenure, since, **more)


PERMANENT, TEMPORARY = ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY
RESIDENCES = {name: (lives(PERMANENT, HOUSE, 70, Tenure.FAMILY),) for name in AT_HOUSE} | {
    "lan": (
        lives(PERMANENT, Address("16744", "Xóm 4"), None, Tenure.FAMILY),
        lives(TEMPORARY, FLAT, 71, Tenure.RENTED, date(2025, 12, 1), until=date(2026, 12, 1)),
    ),
    "phuc": (lives(PERMANENT, Address("00235", "Ngõ 7"), None),),
    "chi": (),
}


def stated(who, relation=None, **changed):
    """A person as a form names them."""
    full, born, _ = NAMES[who]
    found = {"number": NUMBERS[who], "name": full, "birth_date": born} | changed
    return found | ({} if relation is None else {"relation": relation})


def _facts_of(name, residences, status, marital):
    full, born, sex = NAMES[name]
    member = (Membership(50, IDS[name], AT_HOUSE[name], LONG_AGO),) if name in AT_HOUSE else ()
    found = person(
        IDS[name],
        NUMBERS[name],
        full,
        born,
        sex,
        status,
        residences=residences,
        memberships=member,
        kin=tuple(Kin(kind, IDS[other], NAMES[other][0]) for other, kind in KIN.get(name, ())),
    )
    return replace(found, person=replace(found.person, marital_status=marital))


def case(
    procedure,
    inputs,
    *,
    applicant="hung",
    filing=Filing.ONLINE,
    now=NOW,
    residences=None,
    statuses=None,
    owners=None,
    disputed=False,
    area=60.0,
    held=(),
    divorced=(),
    occupants=None,
):
    """A case in the town; what a test changes is named."""
    places = RESIDENCES | (residences or {})
    people = {
        NUMBERS[name]: _facts_of(
            name,
            places[name],
            (statuses or {}).get(name, PersonStatus.ACTIVE),
            MaritalStatus.DIVORCED if name in divorced else MaritalStatus.SINGLE,
        )
        for name in NUMBERS
    }
    owned = {70: ("hung",), 71: ("phuc",)} | (owners or {})
    dwellings = {
        code: Dwelling(
            code,
            DwellingKind.HOUSE,
            address,
            area,
            tuple(IDS[each] for each in owned[code]),
            disputed=disputed,
        )
        for code, address in ((70, HOUSE), (71, FLAT))
    }
    members = tuple(
        Membership(50, IDS[name], relation, LONG_AGO)
        for name, relation in AT_HOUSE.items()
        if places[name] and places[name][0].dwelling_id == 70
    )
    households = {50: Household(50, "010000000050", PERMANENT, 70, members)}
    applied = people[NUMBERS[applicant]]
    facts = RegistryFacts((NUMBERS[applicant], *people), people, households, dwellings)
    return Case(
        inputs=procedure.read(inputs),
        applicant=applied,
        facts=facts,
        now=now,
        filing=filing,
        held=frozenset(IDS[each] for each in held),
        occupants=occupants or {},
    )


def flags(procedure, found):
    """Flag and reasons of every check by code, the common ones included."""
    return {c.code: (c.flag.value, *c.reasons) for c in all_checks(procedure, found)}


def failing(procedure, found):
    """Codes of checks that fail."""
    return {c.code for c in all_checks(procedure, found) if c.flag.value == "fail"}


def opened(procedure, found):
    """Codes of checks that an officer must decide."""
    return {c.code for c in all_checks(procedure, found) if c.flag.value == "unknown"}


def asked(procedure, found):
    """Who must agree, by role and name."""
    names = {number: name for name, number in IDS.items()}
    return [(need.role.value, names[need.person_id]) for need in procedure.consents(found)]


def written(procedure, found):
    """Kinds of changes of an approval with the person each is about."""
    names = {number: name for name, number in IDS.items()}
    return [(type(c).__name__, names[c.person_id]) for c in procedure.outcome(found).changes]


def given(need):
    """A consent that was given."""
    return Consent(need, ConsentState.GIVEN, NOW, NOW, Channel.APP)

"""Frozen values of the registry; they know no clock, socket, database or web framework."""

from population_registry.domain.access import (
    AccessEntry,
    AccessRecord,
    FieldUse,
    ReceiptRow,
    Spend,
)
from population_registry.domain.addresses import Address
from population_registry.domain.card_state import CardOnDay, CardState, card_on
from population_registry.domain.dates import (
    RECENT_YEARS,
    DatePrecision,
    PartialDate,
    PartialDateError,
    birthday,
)
from population_registry.domain.deaths import Death, DeathKind
from population_registry.domain.documents import Document, DocumentKind, DocumentState, card_expiry
from population_registry.domain.facts import FoundBy, Part, PersonFacts, RegistryFacts
from population_registry.domain.guardianship import (
    AppointedBy,
    Capacity,
    Custody,
    CustodyBasis,
    Guardianship,
    GuardianshipBasis,
)
from population_registry.domain.households import Household, Membership, Relation
from population_registry.domain.insurance import (
    HealthInsurance,
    InsuranceCodeError,
    InsuranceState,
    SocialInsuranceNumber,
    card_code,
)
from population_registry.domain.kinship import Kin, KinKind
from population_registry.domain.names import PersonName
from population_registry.domain.numbers import (
    RESERVED_PREFIXES,
    NumberFinding,
    NumberRejectedError,
    NumberRejection,
    OldNumber,
    PersonalNumber,
    inspect_number,
    normalise_number,
    parse_number,
)
from population_registry.domain.persons import (
    FormerNumber,
    FormerNumberKind,
    MaritalStatus,
    NumberChange,
    Person,
    PersonStatus,
    Sex,
)
from population_registry.domain.presence import Absence, AbsenceCategory, Stay, StayHost
from population_registry.domain.residence import (
    Dwelling,
    DwellingKind,
    EndReason,
    Residence,
    ResidenceKind,
    Tenure,
)

__all__ = [
    "RECENT_YEARS",
    "RESERVED_PREFIXES",
    "Absence",
    "AbsenceCategory",
    "AccessEntry",
    "AccessRecord",
    "Address",
    "AppointedBy",
    "Capacity",
    "CardOnDay",
    "CardState",
    "Custody",
    "CustodyBasis",
    "DatePrecision",
    "Death",
    "DeathKind",
    "Document",
    "DocumentKind",
    "DocumentState",
    "Dwelling",
    "DwellingKind",
    "EndReason",
    "FieldUse",
    "FormerNumber",
    "FormerNumberKind",
    "FoundBy",
    "Guardianship",
    "GuardianshipBasis",
    "HealthInsurance",
    "Household",
    "InsuranceCodeError",
    "InsuranceState",
    "Kin",
    "KinKind",
    "MaritalStatus",
    "Membership",
    "NumberChange",
    "NumberFinding",
    "NumberRejectedError",
    "NumberRejection",
    "OldNumber",
    "Part",
    "PartialDate",
    "PartialDateError",
    "Person",
    "PersonFacts",
    "PersonName",
    "PersonStatus",
    "PersonalNumber",
    "ReceiptRow",
    "RegistryFacts",
    "Relation",
    "Residence",
    "ResidenceKind",
    "Sex",
    "SocialInsuranceNumber",
    "Spend",
    "Stay",
    "StayHost",
    "Tenure",
    "birthday",
    "card_code",
    "card_expiry",
    "card_on",
    "inspect_number",
    "normalise_number",
    "parse_number",
]

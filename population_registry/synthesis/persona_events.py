"""What happened to the people of a personas file: deaths, guardians, custody, absences, stays."""

from population_registry.domain import (
    AbsenceCategory,
    AppointedBy,
    Capacity,
    CustodyBasis,
    DeathKind,
    GuardianshipBasis,
    PersonStatus,
    StayHost,
)
from population_registry.synthesis.casting import Cast, Entry, recorded
from population_registry.synthesis.rows import Rows

_DEATHS = {
    PersonStatus.DECEASED: DeathKind.DEATH,
    PersonStatus.MISSING_DECLARED: DeathKind.DECLARED_MISSING,
}


def add_events(rows: Rows, cast: Cast, person_id: int, entry: Entry) -> None:
    """Add the rest of one person's record.

    Raises:
        PersonaError: a key is unknown.
        KeyError, ValueError: a value is missing, or is not what the registry records.
    """
    rows.add("person_particulars", _particulars(person_id, entry))
    status = PersonStatus(entry.get("status", "active"))
    if status in _DEATHS:
        gone = entry["status_since"]
        known = recorded(gone) if (day := entry.get("death_recorded")) is None else recorded(day)
        rows.add("death", (person_id, _DEATHS[status].value, gone, known, None, None))
    _care(rows, cast, person_id, entry)
    _presence(rows, person_id, entry)


def _particulars(person_id: int, entry: Entry) -> tuple[object, ...]:
    capacity = Capacity(entry.get("capacity", "full")).value
    told = (entry.get(name) for name in ("other_name", "birth_place", "birth_registry", "hometown"))
    return (person_id, *told, capacity, entry.get("phone"), entry.get("email"), None, None, None)


def _care(rows: Rows, cast: Cast, person_id: int, entry: Entry) -> None:
    """Guardians of a ward, and the parent who brings up a child after a divorce."""
    key, terms = entry["key"], entry.get("guardianship", {})
    for position, guardian in enumerate(entry.get("guardians", ()), 1):
        guardian_id = cast.person(guardian, f"persona {key}")
        basis, by = GuardianshipBasis(terms["basis"]).value, AppointedBy(terms["appointed_by"]).value
        named = (person_id, position, guardian_id, cast.people[guardian][1]["full_name"], basis, by)
        term = (terms["since"], terms.get("until"), recorded(terms["since"]))
        rows.add("guardianship", (*named, *term))
    if terms := entry.get("custody"):
        parent = terms["parent"]
        whose = (person_id, 1, cast.person(parent, f"persona {key}"), cast.people[parent][1]["full_name"])
        told = (CustodyBasis(terms["basis"]).value, terms["decision"], terms["since"], terms.get("until"))
        rows.add("custody", (*whose, *told, recorded(terms["since"])))


def _presence(rows: Rows, person_id: int, entry: Entry) -> None:
    """Declared absences and notices of stays."""
    for position, each in enumerate(entry.get("absences", ()), 1):
        told = (AbsenceCategory(each["category"]).value, each["destination"], each["since"])
        ends = (each.get("until"), each.get("returned"), recorded(each["since"]))
        rows.add("absence", (person_id, position, *told, *ends))
    for position, each in enumerate(entry.get("stays", ()), 1):
        place = (each["commune"], each["address"], None, None, each["reason"], each["since"], each["until"])
        host = StayHost(each["host"]).value
        rows.add("stay", (person_id, position, host, *place, recorded(each["since"])))

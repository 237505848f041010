"""Reads the registry's part of the personas file: invented people, their dwellings and households, as rows."""

import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from population_registry.domain import (
    RESERVED_PREFIXES,
    DocumentKind,
    DocumentState,
    DwellingKind,
    FormerNumberKind,
    InsuranceState,
    KinKind,
    MaritalStatus,
    OldNumber,
    PartialDate,
    PersonalNumber,
    PersonName,
    PersonStatus,
    Relation,
    ResidenceKind,
    Sex,
    SocialInsuranceNumber,
    Tenure,
    card_code,
    card_expiry,
)
from population_registry.synthesis.casting import Cast, Entry, PersonaError, recorded
from population_registry.synthesis.persona_events import add_events
from population_registry.synthesis.rows import FIRST_ID, Rows

_CMND_ENDED = date(2021, 1, 1)
DocumentRow = tuple[str, str, date, date | None, str]
"""Kind, number, issued, expires, state."""

_OUTSIDE = "99"
"""Province digits of a card code outside the list of provinces."""

_OWN_HOME = frozenset({Relation.HEAD})
_RENTED = frozenset({Relation.TENANT, Relation.CO_TENANT})
_LODGED = frozenset({Relation.LODGER_FREE, Relation.CO_LODGER})


def persona_rows(text: str) -> Rows:
    """The rows of everybody in a personas file.

    Raises:
        PersonaError: a key is unknown or doubled, or a value is not what the registry records.
    """
    try:
        file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PersonaError(f"not TOML: {error}") from None
    people = [*file.get("persona", ()), *file.get("relative", ())]
    cast = Cast(_by_key(people), _by_key(file.get("dwelling", ())))
    rows = Rows()
    for key, (person_id, entry) in cast.people.items():
        try:
            _person(rows, cast, person_id, entry)
            add_events(rows, cast, person_id, entry)
        except (KeyError, ValueError) as error:
            raise PersonaError(f"persona {key}: {error}") from error
    for dwelling_id, entry in cast.dwellings.values():
        _dwelling(rows, cast, dwelling_id, entry)
    counts: dict[int, int] = {}
    for household_id, entry in _by_key(file.get("household", ())).values():
        _household(rows, cast, household_id, entry, counts)
    for key, (person_id, entry) in cast.people.items():
        for each in entry.get("residences", ()):
            kind, tenure = ResidenceKind(each["kind"]), Tenure(each["tenure"])
            term = (each["since"], each.get("until"))
            _residence(rows, cast, (person_id, kind, each["dwelling"], tenure), term, counts, key)
    return rows


def _by_key(entries: Iterable[Entry]) -> dict[str, tuple[int, Entry]]:
    found: dict[str, tuple[int, Entry]] = {}
    for identifier, entry in enumerate(entries, 1):
        if entry["key"] in found:
            raise PersonaError(f"the key {entry['key']} appears twice")
        found[entry["key"]] = (identifier, entry)
    if len(found) >= FIRST_ID - 1:
        raise PersonaError("too many entries")
    return found


def _person(rows: Rows, cast: Cast, person_id: int, entry: Entry) -> None:
    number = PersonalNumber(entry["number"])
    if number.prefix not in RESERVED_PREFIXES:
        raise PersonaError(f"persona {entry['key']}: the number has a prefix of real people")
    name, birth = PersonName(**entry["name"]), PartialDate.parse(entry["birth"])
    if name.full != entry["full_name"]:
        raise PersonaError(f"persona {entry['key']}: full_name is not the name")
    social = SocialInsuranceNumber(entry["social_insurance"]).value if "social_insurance" in entry else None
    status, gone = PersonStatus(entry.get("status", "active")), entry.get("status_since")
    record = (
        person_id,
        number.value,
        name.family,
        name.middle,
        name.given,
        str(birth),
        Sex(entry["sex"]).value,
    )
    marital = MaritalStatus(entry["marital"]).value
    successor = PersonalNumber(entry["replaced_by"]).value if "replaced_by" in entry else None
    rows.add("person", (*record, "VN", marital, status.value, gone, successor, social, number.prefix))
    _numbers_and_cards(rows, person_id, entry, birth.latest())
    for position, each in enumerate(entry.get("insurance", ()), 1):
        if social is None:
            raise PersonaError(f"persona {entry['key']}: insurance needs social_insurance")
        group, benefit = each["group"], each["benefit"]
        code = card_code(group, benefit, _OUTSIDE, SocialInsuranceNumber(social))
        cover = (code, group, benefit, each["from"], each["until"], each["facility"], each.get("five_year"))
        rows.add("health_insurance", (person_id, position, *cover, InsuranceState.IN_FORCE.value))
    _kin(rows, cast, person_id, entry)


def _numbers_and_cards(rows: Rows, person_id: int, entry: Entry, born: date) -> None:
    number: str = entry["number"]
    papers: list[DocumentRow] = []
    for old in entry.get("cmnd", ()):
        OldNumber(old)
        rows.add("personal_number_alias", (old, person_id, FormerNumberKind.CMND.value, _CMND_ENDED))
        issued = date(born.year + 20, 6, 1)
        void = (issued, issued.replace(year=issued.year + 15), DocumentState.VOID.value)
        papers.append((DocumentKind.CMND_9.value, old, *void))
    for former in entry.get("cancelled_numbers", ()):
        PersonalNumber(former)
        alias = (former, person_id, FormerNumberKind.CANCELLED.value, date(2025, 1, 6))
        rows.add("personal_number_alias", alias)
    if card := entry.get("document"):
        kind, issued = DocumentKind(card["kind"]), card["issued"]
        papers.append((kind.value, number, issued, card_expiry(born, issued), DocumentState.VALID.value))
    for position, paper in enumerate(papers, 1):
        rows.add("identity_document", (person_id, position, *paper))


def _kin(rows: Rows, cast: Cast, person_id: int, entry: Entry) -> None:
    """Kin stated for this person, and the children and wards that others' entries give them."""
    key = entry["key"]
    stated: list[tuple[KinKind, str]] = [
        (kind, entry[kind.value])
        for kind in (KinKind.FATHER, KinKind.MOTHER, KinKind.SPOUSE)
        if kind.value in entry
    ]
    stated += [(KinKind.GUARDIAN, guardian) for guardian in entry.get("guardians", ())]
    for other, (_, theirs) in cast.people.items():
        if key in (theirs.get("father"), theirs.get("mother")):
            stated.append((KinKind.CHILD, other))
        if key in theirs.get("guardians", ()):
            stated.append((KinKind.WARD, other))
    for position, (kind, other) in enumerate(stated, 1):
        kin_id = cast.person(other, f"persona {key}")
        rows.add("kinship", (person_id, position, kind.value, kin_id, cast.people[other][1]["full_name"]))


def _dwelling(rows: Rows, cast: Cast, dwelling_id: int, entry: Entry) -> None:
    kind, area = DwellingKind(entry["kind"]), Decimal(str(entry["floor_area_m2"]))
    place = (entry["commune"], entry["address"], entry.get("address_as_issued"), None)
    rows.add("dwelling", (dwelling_id, kind.value, *place, area, False))
    for owner in entry["owners"]:
        rows.add("dwelling_owner", (cast.person(owner, f"dwelling {entry['key']}"), dwelling_id))


def _household(rows: Rows, cast: Cast, household_id: int, entry: Entry, counts: dict[int, int]) -> None:
    where = f"household {entry['key']}"
    dwelling_id, _ = cast.dwelling(entry["dwelling"], where)
    kind = ResidenceKind(entry["kind"])
    rows.add("household", (household_id, f"99{household_id:010d}", kind.value, dwelling_id))
    relations = [Relation(member["relation"]) for member in entry["members"]]
    if relations.count(Relation.HEAD) != 1:
        raise PersonaError(f"{where} needs exactly one head")
    for member, relation in zip(entry["members"], relations, strict=True):
        person_id = cast.person(member["person"], where)
        since = member.get("since", entry["since"])
        rows.add("membership", (person_id, household_id, since, relation.value, None))
        if kind is ResidenceKind.PERMANENT:
            tenure = _tenure(relation)
            _residence(rows, cast, (person_id, kind, entry["dwelling"], tenure), (since, None), counts, where)


def _tenure(relation: Relation) -> Tenure:
    if relation in _OWN_HOME:
        return Tenure.OWNED
    if relation in _RENTED:
        return Tenure.RENTED
    return Tenure.LODGING if relation in _LODGED else Tenure.FAMILY


def _residence(
    rows: Rows,
    cast: Cast,
    registration: tuple[int, ResidenceKind, str, Tenure],
    term: tuple[date, date | None],
    counts: dict[int, int],
    where: str,
) -> None:
    person_id, kind, dwelling, tenure = registration
    dwelling_id, home = cast.dwelling(dwelling, where)
    counts[person_id] = position = counts.get(person_id, 0) + 1
    address = (home["commune"], home["address"], home.get("address_as_issued"), None, dwelling_id)
    known = (None, None, recorded(term[0]))
    rows.add("residence", (person_id, position, kind.value, *address, tenure.value, *term, *known))

"""Writes one household: its dwelling and owners, members, residence, kin, cards, insurance."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from population_registry.domain import (
    DwellingKind,
    FormerNumberKind,
    InsuranceState,
    KinKind,
    PersonStatus,
    Relation,
    ResidenceKind,
    Tenure,
    birthday,
)
from population_registry.synthesis.cover import household_group, insure
from population_registry.synthesis.families import draw_family
from population_registry.synthesis.papers import CMND_ENDED, cards, cmnd_card, old_numbers
from population_registry.synthesis.people import Being, PeopleMaker
from population_registry.synthesis.places import Place, Places
from population_registry.synthesis.rows import Rows

FIRST_ID = 100_001
"""Identifiers below this belong to the personas."""

_RENTING = 0.05
_DECEASED_FROM, _DECEASED = 60, 0.02
_ADULT = 18
_LOST_NATIONALITY, _MISSING = 0.0002, 0.0002
_FORMER_NUMBER = 0.001
_NUMBER_WITHOUT_COVER = 0.3
_TERM = timedelta(days=729)
_APARTMENT = 0.2
_LEAST_AREA = 8
_OWNERS_BOTH = 0.5


class HomeMaker:
    """Draws households one after another; ids and numbers go up, everything else follows from the seed."""

    def __init__(self, seed: int, as_of: date) -> None:
        self._seed, self._as_of = seed, as_of
        self._people, self._places = PeopleMaker(), Places()
        self._next_person = self._next_home = FIRST_ID
        self._landlord: int | None = None

    def write(self, rows: Rows, most: int) -> int:
        """Add one household of at most `most` people to the batch; answers how many it has."""
        rng = Random((self._seed << 40) + self._next_home)  # noqa: S311 — invented people, not secrets
        home_id, self._next_home = self._next_home, self._next_home + 1
        place = self._places.draw(rng)
        family = draw_family(rng, most)
        beings = self._people.make(rng, family.members, place, self._as_of, self._next_person)
        self._next_person += len(beings)
        head = next(b for b in beings if b.draft.relation is Relation.HEAD)
        renting = self._landlord is not None and (family.tenants or rng.random() < _RENTING)
        since = self._since(rng, head, renting=renting)
        self._dwelling(rng, rows, home_id, place, beings, head, renting=renting)
        kind = ResidenceKind.TEMPORARY if renting else ResidenceKind.PERMANENT
        rows.add("household", (home_id, f"{place.province_code}{home_id:010d}", kind.value, home_id))
        origin = self._places.draw(rng) if renting else place
        address = rows.tables["dwelling"][-1][3]
        origin_address = self._places.address(rng, origin)
        shared, facility = (
            household_group(rng),
            f"Cơ sở khám chữa bệnh số {rng.randint(1, 99):02d} (mô phỏng)",
        )
        for being in beings:
            gone = self._person(rng, rows, being, place, shared, facility)
            begun = max(since, being.born + timedelta(days=1))
            relation = being.draft.relation.value
            rows.add("membership", (being.person_id, home_id, begun, relation, gone))
            here = (place.commune_code, address, None, home_id)
            if renting:
                there = (origin.commune_code, origin_address, None, None)
                first = birthday(being.born, 0)
                family_tenure = Tenure.FAMILY.value
                rows.add(
                    "residence", (being.person_id, 1, "permanent", *there, family_tenure, first, None, gone)
                )
                term = (Tenure.RENTED.value, begun, since + _TERM, gone)
                rows.add("residence", (being.person_id, 2, "temporary", *here, *term))
            else:
                tenure = Tenure.OWNED if being is head else Tenure.FAMILY
                rows.add(
                    "residence", (being.person_id, 1, "permanent", *here, tenure.value, begun, None, gone)
                )
        _kin(rows, beings)
        if not renting:
            self._landlord = head.person_id
        return len(beings)

    def _since(self, rng: Random, head: Being, *, renting: bool) -> date:
        if renting:
            return self._as_of - timedelta(days=rng.randint(1, _TERM.days - 1))
        grown = birthday(head.born, _ADULT)
        return grown + timedelta(days=rng.randint(0, max(0, (self._as_of - grown).days)))

    def _dwelling(
        self,
        rng: Random,
        rows: Rows,
        home_id: int,
        place: Place,
        beings: list[Being],
        head: Being,
        *,
        renting: bool,
    ) -> None:
        apartment = place.urban and rng.random() < _APARTMENT
        kind = DwellingKind.APARTMENT if apartment else DwellingKind.HOUSE
        area = max(_LEAST_AREA * len(beings), rng.gauss(24, 8) * len(beings) ** 0.8 + 12)
        address = self._places.address(rng, place)
        row = (home_id, kind.value, place.commune_code, address, None, Decimal(round(area * 10)) / 10, False)
        rows.add("dwelling", row)
        owners = [self._landlord] if renting else [head.person_id]
        spouse = head.draft.spouse
        if not renting and spouse is not None and rng.random() < _OWNERS_BOTH:
            owners.append(beings[spouse].person_id)
        for owner in owners:
            rows.add("dwelling_owner", (owner, home_id))

    def _person(
        self, rng: Random, rows: Rows, being: Being, place: Place, shared: str, facility: str
    ) -> date | None:
        """Write the person with cards, old numbers, insurance; answers the day they left the household, if so."""
        status, gone = self._status(rng, being)
        person_id, number, born, issuer = being.person_id, being.number, being.born, self._people.issuer
        social = issuer.social_insurance()
        cover = insure(rng, social, place.province_code, born, shared, facility, self._as_of)
        known = social if cover is not None or rng.random() < _NUMBER_WITHOUT_COVER else None
        name = being.name
        marital = being.draft.marital.value
        row = (
            person_id,
            number,
            name.family,
            name.middle,
            name.given,
            being.birth_text,
            being.draft.sex.value,
            "VN",
        )
        rows.add("person", (*row, marital, status.value, gone, None, known, being.prefix))
        papers = cards(rng, number, born, gone or self._as_of)
        for _ in range(old_numbers(rng, born)):
            old = issuer.cmnd(being.prefix)
            papers.insert(0, cmnd_card(rng, old, born))
            rows.add("personal_number_alias", (old, person_id, FormerNumberKind.CMND.value, CMND_ENDED))
        for place_in_list, paper in enumerate(papers, 1):
            rows.add("identity_document", (person_id, place_in_list, *paper))
        if rng.random() < _FORMER_NUMBER:
            former = issuer.personal(being.prefix, being.draft.sex, born.year)
            until = self._as_of - timedelta(days=rng.randint(1, min(600, (self._as_of - born).days + 1)))
            alias = (former, person_id, FormerNumberKind.CANCELLED.value, until)
            rows.add("personal_number_alias", alias)
        if cover is not None:
            state = cover[-1] if gone is None else InsuranceState.STOPPED.value
            rows.add("health_insurance", (person_id, 1, *cover[:-1], state))
        return gone

    def _status(self, rng: Random, being: Being) -> tuple[PersonStatus, date | None]:
        chance = rng.random()
        draft = being.draft
        if draft.relation is Relation.HEAD or draft.spouse is not None:
            return PersonStatus.ACTIVE, None
        day = self._as_of - timedelta(days=rng.randint(1, 700))
        if draft.age >= _DECEASED_FROM and chance < _DECEASED:
            return PersonStatus.DECEASED, day
        if draft.age >= _ADULT and chance < _LOST_NATIONALITY:
            return PersonStatus.NATIONALITY_LOST, day
        if draft.age >= _ADULT and chance < _LOST_NATIONALITY + _MISSING:
            return PersonStatus.MISSING_DECLARED, day
        return PersonStatus.ACTIVE, None


def _kin(rows: Rows, beings: list[Being]) -> None:
    """Record parents, spouse and children who live together, on both sides."""
    found: list[tuple[Being, KinKind, Being]] = []
    for being in beings:
        draft = being.draft
        if draft.father is not None:
            found += [
                (being, KinKind.FATHER, beings[draft.father]),
                (beings[draft.father], KinKind.CHILD, being),
            ]
        if draft.mother is not None:
            found += [
                (being, KinKind.MOTHER, beings[draft.mother]),
                (beings[draft.mother], KinKind.CHILD, being),
            ]
        if draft.spouse is not None:
            found.append((being, KinKind.SPOUSE, beings[draft.spouse]))
    counts: dict[int, int] = {}
    for whose, kind, kin in found:
        counts[whose.person_id] = count = counts.get(whose.person_id, 0) + 1
        rows.add("kinship", (whose.person_id, count, kind.value, kin.person_id, kin.name.full))

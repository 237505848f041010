"""What officers search by, read strictly: fragments of a name, birth, place; or one number, or one household."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from population_registry.domain import PartialDate
from population_registry.domain.dates import PartialDateError
from population_registry.matching.folding import fold
from population_registry.matching.writing import is_legible
from population_registry.verification.asking import read_number, read_object, read_text
from population_registry.verification.refusals import malformed

MOST_WORDS: Final = 6
MOST_YEARS: Final = 20
_CODE_LENGTHS: Final = {
    "commune": 5,
    "former_ward": 5,
    "former_district": 3,
    "province": 2,
    "former_province": 3,
}
_FILE_LENGTHS: Final = range(1, 13)
MEMBERS: Final = frozenset({"name", "birth", "place", "number", "household", "head_of_household"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """A word as typed, folded, and whether it is only the beginning of one (`nguy*`)."""

    typed: str
    folded: str
    prefix: bool = False

    @property
    def bare(self) -> bool:
        """Whether it was typed without diacritics, so that it means every way to mark it."""
        return self.typed.isascii()


@dataclass(frozen=True, slots=True)
class Birth:
    """A date as far as it is known, or the years from first to last."""

    first_year: int
    last_year: int
    date: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One unit of today or of before July 2025: `kind` is the member's name."""

    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """Either fragments (`name`, `birth`, `place`, `head_of_household`), or one `number`, `file_number` or `head`."""

    name: tuple[Fragment, ...] = ()
    birth: Birth | None = None
    place: Place | None = None
    head_of_household: bool = False
    number: str | None = None
    file_number: str | None = None
    head: str | None = None

    @property
    def exact(self) -> bool:
        """Whether it names one record or one household."""
        return bool(self.number or self.file_number or self.head)


def read_criteria(body: object) -> Criteria:
    """Criteria from parsed JSON.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    found = read_object(body, "criteria", allowed=set(MEMBERS), required=set())
    exact = found.keys() & {"number", "household"}
    if not found or len(found) > len(exact) > 0 or len(exact) > 1:
        raise malformed("criteria")
    if "number" in found:
        return Criteria(number=read_number(found["number"], "criteria.number"))
    if "household" in found:
        return _household(found["household"])
    head = found.get("head_of_household", False)
    if not isinstance(head, bool):
        raise malformed("criteria.head_of_household")
    criteria = Criteria(
        name=_name(found["name"]) if "name" in found else (),
        birth=_birth(found["birth"]) if "birth" in found else None,
        place=_place(found["place"]) if "place" in found else None,
        head_of_household=head,
    )
    if not (criteria.name or criteria.birth or criteria.place):
        raise malformed("criteria")
    return criteria


def _household(value: object) -> Criteria:
    found = read_object(value, "criteria.household", allowed={"file_number", "head"}, required=set())
    if len(found) != 1:
        raise malformed("criteria.household")
    if "head" in found:
        return Criteria(head=read_number(found["head"], "criteria.household.head"))
    text = read_text(found["file_number"], "criteria.household.file_number", _FILE_LENGTHS)
    return Criteria(file_number=text)


def _name(value: object) -> tuple[Fragment, ...]:
    text = read_text(value, "criteria.name", range(1, 101))
    fragments = []
    for word in text.split():
        bare = word.removesuffix("*")
        if not bare or not is_legible(bare):
            raise malformed("criteria.name", "no_name_fragments")
        parts = fold(bare).split()
        if len(parts) > 1:  # Y-Thu, H'Bia: written together, kept as words
            fragments += [Fragment(part, part) for part in parts]
        elif parts and parts[0].isascii():
            fragments.append(Fragment(bare, parts[0], word.endswith("*")))
        else:
            raise malformed("criteria.name", "no_name_fragments")
    if not 1 <= len(fragments) <= MOST_WORDS:
        raise malformed("criteria.name", "no_name_fragments")
    return tuple(fragments)


def _birth(value: object) -> Birth:
    if isinstance(value, Mapping):
        found = read_object(value, "criteria.birth", allowed={"from", "to"}, required={"from", "to"})
        first, last = found["from"], found["to"]
        if not (_is_year(first) and _is_year(last)) or last - first >= MOST_YEARS:
            raise malformed("criteria.birth")
        if last < first:
            raise malformed("criteria.birth", "period_reversed")
        return Birth(first, last)
    text = read_text(value, "criteria.birth", range(4, 11))
    try:
        date = PartialDate.parse(text)
    except PartialDateError:
        raise malformed("criteria.birth", "no_date") from None
    return Birth(date.year, date.year, date)


def _is_year(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1800 <= value <= 2200  # noqa: PLR2004 -- years


def _place(value: object) -> Place:
    found = read_object(value, "criteria.place", allowed=set(_CODE_LENGTHS), required=set())
    if len(found) != 1:
        raise malformed("criteria.place")
    ((kind, code),) = found.items()
    if not (isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == _CODE_LENGTHS[kind]):
        raise malformed(f"criteria.place.{kind}")
    return Place(kind, code)

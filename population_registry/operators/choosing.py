"""From candidates to a page: diacritics that were typed must agree, the order is that of official lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from population_registry.domain import PersonName
from population_registry.matching.folding import fold
from population_registry.matching.writing import normalise
from population_registry.operators.criteria import Criteria, Fragment

Key = tuple[str, str, str, str, str, int]
"""Where somebody stands in the list: given name, family name, middle folded, the name, birth, person id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who matches, as far as sorting and choosing a page need it."""

    person_id: int
    name: PersonName
    birth: str

    @property
    def key(self) -> Key:
        """Given name first (`tên` before `họ`), as official lists are kept."""
        name = self.name
        parts = (_folded(name.given), _folded(name.family), _folded(name.middle))
        return (*parts, name.full, self.birth, self.person_id)


_folded = lru_cache(maxsize=8192)(fold)
_normalised = lru_cache(maxsize=8192)(normalise)


def agreeing(criteria: Criteria, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates whose name bears the words as they were typed, sorted."""
    marked = [each for each in criteria.name if not each.bare and not each.prefix]
    return sorted((each for each in candidates if _agrees(marked, each.name)), key=lambda each: each.key)


def _agrees(marked: list[Fragment], name: PersonName) -> bool:
    if not marked:
        return True
    words = {_normalised(word) for word in name.full.split()}
    return all(_normalised(fragment.typed) in words for fragment in marked)


def page_of(found: list[Candidate], after: Key | None, limit: int) -> tuple[list[Candidate], Key | None]:
    """The next page behind a key, and the key to go on from; None at the end."""
    rest = found if after is None else [each for each in found if each.key > after]
    page = rest[:limit]
    return page, page[-1].key if len(rest) > limit else None

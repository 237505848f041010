"""How a search by fragments is answered, or why it is too broad: decided on counts before anything is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from population_registry.operators.criteria import Criteria, Fragment
from population_registry.verification.refusals import Refusal, RefusalCode

MOST_PEOPLE: Final = 500
"""Whoever matches more people than this is asked to say more; nobody pages through a city."""
_HOPELESS: Final = 8 * MOST_PEOPLE
"""Independent words are an estimate: only what is expected far beyond the limit is refused unseen."""
LONGEST_LIST: Final = 200_000
"""The rarest criterion may not stand with more people than this: they would all be gone through."""
_MOST_EXPANSIONS: Final = 300


@dataclass(frozen=True, slots=True)
class Plan:
    """Tokens of which all must stand with a person, and groups of which one must."""

    all_of: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...]


class Vocabulary:
    """Every word, year and place that somebody has, with how many people have it."""

    def __init__(self, counts: Mapping[str, int], people: int) -> None:
        self._counts = dict(counts)
        self._people = max(people, 1)
        self._words = sorted(token for token in counts if token[:1] not in {"=", "@"})

    def people(self, tokens: Iterable[str]) -> int:
        """With how many people one of these stands, at most."""
        return min(sum(self._counts.get(token, 0) for token in tokens), self._people)

    def share(self, tokens: Iterable[str]) -> float:
        """The same as a part of everybody."""
        return self.people(tokens) / self._people

    @property
    def everybody(self) -> int:
        """How many people there are."""
        return self._people

    def spelled(self, fragment: Fragment) -> tuple[str, ...]:
        """The words that a fragment may stand for; a word that nobody has is taken for a beginning."""
        if not fragment.prefix and fragment.folded in self._counts:
            return (fragment.folded,)
        return tuple(word for word in self._words if word.startswith(fragment.folded))


def plan_search(
    criteria: Criteria, territory: str | None, places: tuple[str, ...] | None, words: Vocabulary
) -> Plan | None:
    """How to search inside a territory (commune, province, or None for the country); None when nobody can match.

    `places`: the communes or provinces of today that the place of the criteria means.

    Raises:
        Refusal: `search-too-broad`; `reason` says what would narrow it.
    """
    groups = []
    for fragment in criteria.name:
        spelled = words.spelled(fragment)
        if not spelled:
            return None
        if len(spelled) > _MOST_EXPANSIONS:
            raise Refusal(RefusalCode.SEARCH_TOO_BROAD, member="criteria.name", reason="longer_words")
        groups.append(spelled)
    if criteria.birth is not None:
        groups.append(_births(criteria))
    if places is not None:
        if not places:
            return None
        groups.append(tuple(f"@{place}" for place in places))
    if territory is not None:
        groups.append((f"@{territory}",))
    _refuse_breadth(groups, criteria, words)
    return Plan(
        tuple(dict.fromkeys(group[0] for group in groups if len(group) == 1)),
        tuple(dict.fromkeys(group for group in groups if len(group) > 1)),
    )


def _births(criteria: Criteria) -> tuple[str, ...]:
    birth = criteria.birth
    assert birth is not None
    if birth.date is not None and birth.date.day is not None:
        return (f"={birth.date.earliest().isoformat()}",)
    return tuple(f"={year:04}" for year in range(birth.first_year, birth.last_year + 1))


def _refuse_breadth(groups: list[tuple[str, ...]], criteria: Criteria, words: Vocabulary) -> None:
    day_known = (
        criteria.birth is not None and criteria.birth.date is not None and criteria.birth.date.day is not None
    )
    if day_known:
        return  # a day is some hundred people in ten million
    expected = float(words.everybody)
    for group in groups:
        expected *= words.share(group)
    rarest = min((words.people(group) for group in groups), default=words.everybody)
    if expected > _HOPELESS or rarest > LONGEST_LIST:
        raise too_broad(criteria)


def too_broad(criteria: Criteria) -> Refusal:
    """The refusal, with what would narrow the search."""
    if criteria.birth is None:
        reason = "add_birth"
    elif not criteria.name:
        reason = "add_name"
    else:
        reason = "add_place" if criteria.place is None else "add_words"
    return Refusal(RefusalCode.SEARCH_TOO_BROAD, member="criteria", reason=reason)

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
_YEAR: Final = len("=1994")


_LOOKING: Final = 200
"""To look at a person costs as much as this many steps along a list of the index (measured at ten million)."""

Group = tuple[str, ...]
"""Tokens of which one must stand with a person."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`looked_up` groups are found in the index, the rarest first; `checked` ones at the people found so."""

    looked_up: tuple[Group, ...]
    checked: tuple[Group, ...] = ()


class Vocabulary:
    """Every word, year and place that somebody has, with how many people have it."""

    def __init__(self, counts: Mapping[str, int], people: int) -> None:
        self._counts = dict(counts)
        self._people = max(people, 1, *counts.values())
        self._words = sorted(token for token in counts if token[:1] not in {"=", "@"})

    def people(self, tokens: Iterable[str]) -> int:
        """With how many people one of these stands, at most; of a day, the part of its year that a day is."""
        return min(sum(self._count(token) for token in tokens), self._people)

    def _count(self, token: str) -> int:
        if len(token) > _YEAR and token.startswith(
            "="
        ):  # days are not counted, but each is a part of its year
            return self._counts.get(token[:_YEAR], 0) // 300 + 1
        return self._counts.get(token, 0)

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
    spelled = []
    for fragment in criteria.name:
        found = words.spelled(fragment)
        if not found:
            return None
        if len(found) > _MOST_EXPANSIONS:
            raise Refusal(RefusalCode.SEARCH_TOO_BROAD, member="criteria.name", reason="longer_words")
        spelled.append(found)
    years = _births(criteria)
    beside: list[Group] = [] if places is None else [tuple(f"@{place}" for place in places)]
    if () in beside:
        return None
    if territory is not None:
        beside.append((f"@{territory}",))
    wanted = [_Wanted(group, words.people(group), words.share(group)) for group in (*spelled, *beside)]
    if years:
        wanted.append(_Wanted(years, words.people(years), words.share(years)))
    _refuse_breadth(wanted, criteria, words)
    return _cheapest(wanted, words)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A criterion: its tokens, how long their lists are, and which part of the people it leaves."""

    tokens: Group
    people: int
    share: float


def _births(criteria: Criteria) -> Group:
    birth = criteria.birth
    if birth is None:
        return ()
    if birth.date is not None and birth.date.day is not None:
        return (f"={birth.date.earliest().isoformat()}",)
    return tuple(f"={year:04}" for year in range(birth.first_year, birth.last_year + 1))


def _cheapest(wanted: Iterable[_Wanted], words: Vocabulary) -> Plan:
    """Frequent words have lists of millions: they are looked into only where that spares looking at people."""
    expected, looked_up, checked = float(words.everybody), list[Group](), list[Group]()
    for each in sorted(wanted, key=lambda one: one.people):
        if not looked_up or each.people < _LOOKING * expected * (1 - each.share):
            looked_up.append(each.tokens)
            expected *= each.share
        else:
            checked.append(each.tokens)
    return Plan(tuple(dict.fromkeys(looked_up)), tuple(dict.fromkeys(checked)))


def _refuse_breadth(wanted: Iterable[_Wanted], criteria: Criteria, words: Vocabulary) -> None:
    expected = float(words.everybody)
    for each in wanted:
        expected *= each.share
    if expected > _HOPELESS or min(each.people for each in wanted) > LONGEST_LIST:
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

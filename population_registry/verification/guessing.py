"""The guessing budget: how many different values one caller may try for one claim of one number.

A yes-or-no answer repeated with different values is a disclosure in instalments. Each caller gets a few
different values per number and claim and day, and a few different numbers per name and birth date; after
that new values say nothing. A value that was tried before keeps its answer, so that honest retries cost
nothing. Counters are keyed hashes: the store holds neither number nor value. One caller's budget is never
spent by another.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from population_registry.domain import BudgetCount, BudgetSpend
from population_registry.verification.claims import CLAIMS, IDENTIFYING

VALUE = ":value"
NUMBER = "number"
"""Scope of the counter of different numbers tried for one name and birth date."""

Key = tuple[bytes, str, datetime]


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """How many different values (`tries`) one caller may try in one `window`."""

    tries: int = 5
    window: timedelta = timedelta(days=1)

    def window_start(self, now: datetime) -> datetime:
        """The start of the window that `now` falls in."""
        seconds = int(self.window.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


class Try(NamedTuple):
    """One value tried: the counter it counts against, and its own mark that tells a repetition from a new value."""

    claim: str
    counter: Key
    value: Key


def tries_of(
    *,
    client_id: str,
    number: str,
    is_self: bool,
    values: Mapping[str, Any],
    window_start: datetime,
    keyed_hash: Callable[[str], bytes],
) -> tuple[Try, ...]:
    """The tries in one question.

    For a person who is present (`is_self`) only statements about other people count; those counters are
    apart, so that nobody can use up the budget of somebody who is present.
    """
    tries = []
    prints: dict[str, str] = {}
    for claim, value in values.items():
        rule = CLAIMS[claim]
        if rule.fingerprint is None:
            continue
        prints[claim] = rule.fingerprint(value)
        if is_self and not rule.others(value):
            continue
        about = f"{client_id}|{'self' if is_self else 'other'}|{number}|{claim}"
        tries.append(_try(claim, about, prints[claim], window_start, keyed_hash))
    if not is_self and all(name in values for name in IDENTIFYING):
        person = "|".join(prints.get(name, "") for name in IDENTIFYING)
        tries.append(_try(NUMBER, f"{client_id}|person|{person}", number, window_start, keyed_hash))
    return tuple(tries)


def _try(
    claim: str, about: str, fingerprint: str, start: datetime, keyed_hash: Callable[[str], bytes]
) -> Try:
    return Try(
        claim,
        (keyed_hash(about), claim, start),
        (keyed_hash(f"{about}|{fingerprint}"), claim + VALUE, start),
    )


def keys_of(tries: Iterable[Try]) -> tuple[Key, ...]:
    """The counters to load, two for each try."""
    return tuple(key for each in tries for key in (each.counter, each.value))


@dataclass(frozen=True, slots=True)
class Judged:
    """Which claims have no budget left, and what this question spends."""

    exhausted: frozenset[str]
    spends: tuple[BudgetSpend, ...]


def judge_tries(tries: Iterable[Try], counts: Iterable[BudgetCount], policy: BudgetPolicy) -> Judged:
    """A repeated value is free; a new one is spent while there is budget, and says nothing afterwards."""
    spent = {count[:3]: count.spent for count in counts}
    exhausted: set[str] = set()
    spends: list[BudgetSpend] = []
    for each in tries:
        if spent.get(each.value, 0):
            continue
        if spent.get(each.counter, 0) >= policy.tries:
            exhausted.add(each.claim)
        else:
            spends += [BudgetSpend(*each.counter), BudgetSpend(*each.value)]
    return Judged(frozenset(exhausted), tuple(spends))


def overdrawn(counts: Iterable[BudgetCount], policy: BudgetPolicy) -> bool:
    """Whether, after writing, a counter went beyond its limit: this answer lost a race and must not be given."""
    return any(not count.scope.endswith(VALUE) and count.spent > policy.tries for count in counts)

"""The guessing budget: how many different values one caller may try for one claim of one number.

A yes-or-no answer repeated with different values is a disclosure in instalments. Each caller gets a few
different values per number and claim and day, and a few different numbers per name and birth date; after
that new values say nothing. A value that was tried before keeps its answer, so that honest retries cost
nothing. What is kept of a day is one set of marks for each caller and number, and one for each caller, name and
birth date (decision 0024): keyed hashes, so the store holds neither number nor value. One caller's budget is never
spent by another.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from population_registry.domain import Spend
from population_registry.verification.claims import CLAIMS, IDENTIFYING

NUMBER: Final = "number"
"""Claim of the marks of different numbers tried for one name and birth date."""
OF: Final = ":"
"""Between the claim and the keyed hash of a mark; no claim has it in its name."""
_MARK_BYTES: Final = 16

Tried = Mapping[bytes, Collection[str]]
"""The marks of values tried so far, by the key of whose guesses about whom; each mark once."""


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """How many different values (`tries`) one caller may try in one `window`."""

    tries: int = 5
    window: timedelta = timedelta(days=1)

    def window_start(self, now: datetime) -> datetime:
        """The start of the window that `now` falls in."""
        seconds = int(self.window.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def tries_of(
    *,
    client_id: str,
    number: str,
    is_self: bool,
    values: Mapping[str, Any],
    window_start: datetime,
    keyed_hash: Callable[[str], bytes],
) -> tuple[Spend, ...]:
    """The values tried in one question, at most one for each claim.

    For a person who is present (`is_self`) only statements about other people count; those are noted
    apart, so that nobody can use up the budget of somebody who is present.
    """
    tries = []
    prints: dict[str, str] = {}
    whose = f"{int(window_start.timestamp())}|{client_id}"
    about = f"{whose}|{'self' if is_self else 'other'}|{number}"
    key = keyed_hash(about)
    for claim, value in values.items():
        rule = CLAIMS[claim]
        if rule.fingerprint is None:
            continue
        prints[claim] = rule.fingerprint(value)
        if not is_self or rule.others(value):
            tries.append(_try(key, about, claim, prints[claim], keyed_hash))
    if not is_self and all(name in values for name in IDENTIFYING):
        about = f"{whose}|person|{'|'.join(prints.get(name, '') for name in IDENTIFYING)}"
        tries.append(_try(keyed_hash(about), about, NUMBER, number, keyed_hash))
    return tuple(tries)


def _try(key: bytes, about: str, claim: str, fingerprint: str, keyed_hash: Callable[[str], bytes]) -> Spend:
    value = keyed_hash(f"{about}|{claim}|{fingerprint}")[:_MARK_BYTES]
    return Spend(key, f"{claim}{OF}{value.hex()}")


def keys_of(tries: Iterable[Spend]) -> tuple[bytes, ...]:
    """The keys whose marks must be known to judge these tries."""
    return tuple({each.key: None for each in tries})


@dataclass(frozen=True, slots=True)
class Judged:
    """Which claims have no budget left, and what this question spends."""

    exhausted: frozenset[str]
    spends: tuple[Spend, ...]


def judge_tries(tries: Iterable[Spend], tried: Tried, policy: BudgetPolicy) -> Judged:
    """A repeated value is free; a new one is spent while there is budget, and says nothing afterwards."""
    exhausted: set[str] = set()
    spends: list[Spend] = []
    for each in tries:
        marks = tried.get(each.key, ())
        if each.mark in marks:
            continue
        claim = each.mark.partition(OF)[0]
        if marks and _spent(marks)[claim] >= policy.tries:
            exhausted.add(claim)
        else:
            spends.append(each)
    return Judged(frozenset(exhausted), tuple(spends))


def overdrawn(tried: Tried, policy: BudgetPolicy) -> bool:
    """Whether, after writing, a claim has too many marks: this answer lost a race and must not be given."""
    return any(spent > policy.tries for marks in tried.values() for spent in _spent(marks).values())


def _spent(marks: Iterable[str]) -> Counter[str]:
    """How many different values were tried, by claim."""
    return Counter(mark.partition(OF)[0] for mark in marks)

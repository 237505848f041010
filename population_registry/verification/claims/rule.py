"""The shape of one claim: how its value is read, whom it concerns, how it is judged, what counts as a guess."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from population_registry.domain import PartialDateError, PersonFacts, RegistryFacts
from population_registry.matching import Gazetteer, Successors
from population_registry.verification.answers import ClaimResult
from population_registry.verification.refusals import malformed

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a claim is judged by: the facts, the subject, the day in Việt Nam, the maps of both times."""

    facts: RegistryFacts
    subject: PersonFacts
    today: date
    successors: Successors
    details: bool = False
    """Whether the catalogue grants coarse facts for this claim."""
    places: Gazetteer = field(default_factory=Gazetteer)


def nobody(_value: Any) -> tuple[str, ...]:
    """No person beside the subject is concerned."""
    return ()


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """One claim.

    `read` turns JSON into a value and raises `ValueError`; `others` names the further numbers to load;
    `judge` is pure; `fingerprint` gives the text by which two tries are the same try, None where guessing
    is pointless. `discloses` is the field whose values the claim gives out (None: flags only); such a claim is
    granted by `releasable` and `disclosed` of the catalogue, not by `verifiable`. `past`: it asks for guardians,
    custody or grounds of ended registrations, which are loaded for it. `explains`: its answer says itself which
    identifying value is wrong, and reaches those who may know that (`told_of_identity`).
    """

    name: str
    read: Callable[[Any], Any]
    judge: Callable[[Any, Scene], ClaimResult]
    others: Callable[[Any], tuple[str, ...]] = nobody
    fingerprint: Callable[[Any], str] | None = str
    discloses: str | None = None
    past: bool = False
    explains: bool = False

    def value(self, asked: object) -> Any:
        """The asked value, typed.

        Raises:
            Refusal: `invalid-request` at `claims.<name>`.
        """
        try:
            return self.read(asked)
        except PartialDateError:
            raise malformed(f"claims.{self.name}", "no_date") from None
        except (ValueError, TypeError):
            raise malformed(f"claims.{self.name}") from None


def read_flag(value: object) -> bool:
    """True or false, nothing else."""
    if not isinstance(value, bool):
        raise TypeError("true or false is expected")
    return value


def read_words(value: object, longest: int = 200) -> str:
    """A text of at most `longest` code points."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise ValueError("a short text is expected")
    value.encode("utf-8")  # half a surrogate pair is no character: UnicodeEncodeError, a ValueError
    return value


def read_day(value: object) -> date:
    """A calendar day, `yyyy-mm-dd`."""
    text = read_words(value, 10)
    if not _DAY.fullmatch(text):
        raise ValueError("yyyy-mm-dd is expected")
    return date.fromisoformat(text)


def read_members(value: object, *, allowed: frozenset[str], required: frozenset[str]) -> dict[str, Any]:
    """A JSON object with known members only."""
    if not isinstance(value, dict) or not required <= value.keys() <= allowed:
        raise ValueError("other members are expected")
    return value

"""Strict reading of a procedure's inputs from JSON; every refusal names the place."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from population_registry.verification.asking import read_object
from population_registry.verification.refusals import Refusal, RefusalCode, malformed

T = TypeVar("T")
FIRST_YEAR, LAST_YEAR = 2000, 2200
"""Dates outside are no dates of a dossier."""


def read_inputs(raw: object, *, required: set[str], optional: set[str]) -> dict[str, Any]:
    """The `inputs` object with known members only."""
    return read_object(raw, "inputs", allowed=required | optional, required=required)


def read_day(given: Mapping[str, Any], name: str, place: str = "inputs") -> date:
    """A calendar day, `yyyy-mm-dd`, of this century or the next."""
    value = given.get(name)
    try:
        if isinstance(value, str) and len(value) == len("2026-01-01"):
            day = date.fromisoformat(value)
            if FIRST_YEAR <= day.year < LAST_YEAR:
                return day
    except ValueError:
        pass
    raise malformed(f"{place}.{name}")


def read_choice(given: Mapping[str, Any], name: str, choices: frozenset[str], default: str) -> str:
    """One of some words; the default when left out. A wrong one is answered with those that there are."""
    value = given.get(name, default)
    if not isinstance(value, str) or value not in choices:
        allowed = tuple(sorted(choices))
        raise Refusal(RefusalCode.INVALID_REQUEST, member=f"inputs.{name}", allowed=allowed)
    return value


def read_optional(given: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """A member of that JSON type, or None when left out or null."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or (isinstance(value, str) and not value.isprintable()):
        raise malformed(f"inputs.{name}")
    return value


def read_count(given: Mapping[str, Any], name: str, choices: range | tuple[int, ...], default: int) -> int:
    """A whole number out of `choices`."""
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value not in choices:
        raise malformed(f"inputs.{name}")
    return value

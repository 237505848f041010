"""Sections 5.5 to 5.7: of a record, what was asked for; None where a constraint on it is not met.

A request is a tree beside the record's tree: ``null`` asks for a member as it is, an object with ``value``,
``values`` or ``max_age`` asks for it under a condition, any other object asks for members of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

CONDITIONS: Final = frozenset({"value", "values", "max_age", "essential", "purpose"})


def is_condition(wish: object) -> bool:
    """Whether a request's object speaks of a value, and not of members."""
    return isinstance(wish, Mapping) and bool(wish) and CONDITIONS.issuperset(wish)


def meets(value: object, wish: object, now: int) -> bool:
    """Whether one value is as it was asked for."""
    if not isinstance(wish, Mapping):
        return True
    if wish.get("value") is not None and wish["value"] != value:
        return False
    values = wish.get("values")
    if values is not None and (not isinstance(values, list) or (values and value not in values)):
        return False
    age = wish.get("max_age")
    if not isinstance(age, int):
        return True
    # 5.5.2: max_age: "the maximum age ... in seconds, that is allowed to have elapsed since the value of the
    # date/time-like element".
    at = moment(value)
    return at is not None and now - at <= age


def moment(value: object) -> int | None:
    """Epoch seconds of an ISO 8601 date or time; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


def chosen(record: Mapping[str, object], wish: Mapping[str, object], now: int) -> dict[str, object] | None:
    """The asked members of a record; None when a condition on one of them is not met.

    A member that is not there is left out, unless a condition speaks of it: then the condition is not met.
    """
    made: dict[str, object] = {}
    for name, asked in wish.items():
        value = record.get(name)
        if value is None:
            if is_condition(asked):
                return None
            continue
        if isinstance(value, Mapping) and isinstance(asked, Mapping) and not is_condition(asked):
            inner = chosen(value, asked, now)
            if inner is None:
                return None
            made[name] = inner
        elif isinstance(value, list) and isinstance(asked, list):
            several = selected(value, asked, now)
            if several is None:
                return None
            made[name] = several
        elif not meets(value, asked, now):
            return None
        else:
            made[name] = value
    return made


def selected(records: list[object], wishes: list[object], now: int) -> list[object] | None:
    """Of a list of records, those that each wish asks for; None when a wish finds none."""
    made: list[object] = []
    for wish in wishes:
        if not isinstance(wish, Mapping):
            return None
        found = [chosen(each, wish, now) for each in records if isinstance(each, Mapping)]
        fitting = [each for each in found if each is not None]
        if not fitting:
            return None
        made += [each for each in fitting if each not in made]
    return made

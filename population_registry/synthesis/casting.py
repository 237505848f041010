"""The cast of a personas file: its people and dwellings by key, and the error that names the wrong entry."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

Entry = dict[str, Any]


class PersonaError(ValueError):
    """The personas file does not hold together; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The file by key: who and what has which internal identifier."""

    people: dict[str, tuple[int, Entry]]
    dwellings: dict[str, tuple[int, Entry]]

    def person(self, key: str, where: str) -> int:
        """The internal identifier of a person; `where` names who asks."""
        if key not in self.people:
            raise PersonaError(f"{where} names {key}, who is nobody in the file")
        return self.people[key][0]

    def dwelling(self, key: str, where: str) -> tuple[int, Entry]:
        """The identifier and entry of a dwelling; `where` names who asks."""
        if key not in self.dwellings:
            raise PersonaError(f"{where} names the dwelling {key}, which is not in the file")
        return self.dwellings[key]


def recorded(day: date) -> datetime:
    """The moment at which the registry learned of something that happened on that day."""
    return datetime.combine(day, time(9), UTC)

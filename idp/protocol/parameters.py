"""Parameters of a request as they came: each name with every value, so that repetition stays visible.

RFC 6749 sections 3.1 and 3.2: parameters without a value are treated as omitted; no parameter may come twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final
from urllib.parse import unquote_to_bytes

from idp.domain.values import frozen

MAX_FIELDS: Final = 64
MAX_LENGTH: Final = 16_384
EMPTY: Final[Mapping[str, str]] = {}
LISTS: Final = frozenset({"resource", "audience"})
"""Parameters that may come several times (RFC 8707 section 2, RFC 8693 section 2.1)."""


@frozen
class Parameters:
    """``first`` maps each name to its first value; ``repeated`` names those that came again.

    ``broken`` is True when the text was no form at all; then nothing else is known.
    """

    first: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeated: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    broken: bool = False

    def get(self, name: str) -> str | None:
        """The value, or None when absent or empty."""
        return self.first.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.first

    @staticmethod
    def of(pairs: Iterable[tuple[str, str]]) -> Parameters:
        """Parameters from decoded pairs."""
        first: dict[str, str] = {}
        repeated: set[str] = set()
        lists: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            # RFC 6749 3.1: "Parameters sent without a value MUST be treated as if they were omitted".
            if not value:
                continue
            if name in LISTS:
                lists[name] = (*lists.get(name, ()), value)
            if name not in first:
                first[name] = value
            elif name not in LISTS:
                repeated.add(name)
        return Parameters(first, frozenset(repeated), lists)

    @staticmethod
    def parse(text: str | bytes, longest: int = MAX_LENGTH) -> Parameters:
        """Parameters from ``application/x-www-form-urlencoded`` text; never raises."""
        if len(text) > longest:
            return Parameters(broken=True)
        try:
            form = text.decode("ascii") if isinstance(text, bytes) else text
            parts = form.replace("+", " ").split("&")
            if len(parts) > MAX_FIELDS:
                return Parameters(broken=True)
            return Parameters.of([pair(part) for part in parts if part])
        except ValueError:
            return Parameters(broken=True)


def pair(part: str) -> tuple[str, str]:
    """One name and value, ``%XX`` decoded; most have none. Raises ValueError for what is no UTF-8."""
    name, _, value = part.partition("=")
    if "%" in part:
        return (decoded(name) if "%" in name else name), decoded(value)
    return name, value


def decoded(text: str) -> str:
    """The text behind ``%XX``, as UTF-8 and nothing else."""
    return unquote_to_bytes(text).decode("utf-8")

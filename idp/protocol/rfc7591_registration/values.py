"""Readers of plain values: each returns what the client may have, or raises Unacceptable."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from typing import Final

from idp.protocol.rfc7591_registration.refusals import Unacceptable
from idp.protocol.rfc7591_registration.terms import Terms

Read = Callable[[object, Terms], object]
Choices = Callable[[Terms], Collection[str]]

LONGEST_TEXT: Final = 200
MOST_VALUES: Final = 20
LONGEST_AGE: Final = 10 * 366 * 86_400
#: Categories that do not show or that turn what others show: controls, formats (with all bidirectional marks),
#: surrogates, private use, unassigned, line and paragraph separators.
HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def text(value: object, terms: Terms) -> str:
    """A short visible text."""
    del terms
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise Unacceptable("text")
    found = unicodedata.normalize("NFC", value).strip()
    if not found or any(unicodedata.category(sign) in HIDDEN for sign in found):
        raise Unacceptable("invisible")
    return found


def flag(value: object, terms: Terms) -> bool:
    """A JSON boolean; the text "true" is none."""
    del terms
    if not isinstance(value, bool):
        raise Unacceptable("boolean")
    return value


def seconds(value: object, terms: Terms) -> int:
    """A number of seconds."""
    del terms
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_AGE:
        raise Unacceptable("seconds")
    return value


def texts(value: object, terms: Terms) -> tuple[str, ...]:
    """A list of short texts."""
    return tuple(text(each, terms) for each in listed(value))


def listed(value: object) -> list[object]:
    """A bounded list."""
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        raise Unacceptable("list")
    return value


def one_of(choices: Choices) -> Read:
    """One of the values that the terms offer."""

    def read(value: object, terms: Terms) -> str:
        if not isinstance(value, str) or value not in choices(terms):
            raise Unacceptable("unsupported")
        return value

    return read


def some_of(choices: Choices) -> Read:
    """A set of values that the terms offer."""

    def read(value: object, terms: Terms) -> frozenset[str]:
        one = one_of(choices)
        return frozenset(str(one(each, terms)) for each in listed(value))

    return read


def response_types(value: object, terms: Terms) -> frozenset[str]:
    """Response types; the order of the words in one does not matter (OAuth 2.0 Multiple Response Types, 3)."""
    known = {frozenset(kind.split()): kind for kind in terms.response_types}
    found = set()
    for each in listed(value):
        kind = known.get(frozenset(each.split())) if isinstance(each, str) else None
        if kind is None:
            raise Unacceptable("unsupported")
        found.add(kind)
    return frozenset(found)


def scope(value: object, terms: Terms) -> frozenset[str]:
    """RFC 7591 section 2: space-separated scopes; of a stranger's, those that the policy gives remain."""
    if not isinstance(value, str) or len(value) > 10 * LONGEST_TEXT:
        raise Unacceptable("scope")
    asked = frozenset(value.split())
    # 3.2.1: "The authorization server MAY reject or replace any of the client's requested metadata values".
    return asked if terms.trusted else asked & terms.scopes

"""The type ``vn_identity_verification``: who may check or receive what, for which procedure and which dossier.

Members: ``type``; ``procedure`` (code of the registry's catalogue) and ``purpose`` (5 to 500 printable characters);
``claims`` (names of the catalogue, each once); ``dossier`` (its code; without it every dossier of the procedure) and
``locations`` (RFC 9396 section 2.2; resources of the client, without them the registry). Nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from idp.domain.client import Client
from idp.domain.rich_requests import DOSSIER, IDENTITY_CLAIMS, PROCEDURE, PURPOSE_LENGTH

REQUIRED: Final = frozenset({"type", "procedure", "purpose", "claims"})
MEMBERS: Final = REQUIRED | {"dossier", "locations"}
KNOWN: Final = frozenset(IDENTITY_CLAIMS)
FIXED: Final = ("type", "procedure", "purpose")
"""Members that a narrower request repeats exactly: another purpose is another question to the person."""


def fault(detail: Mapping[str, object], client: Client, registry: str) -> str | None:
    """The member by which a detail does not conform to this type; None when it does."""
    # 5: refused when it "contains unknown fields", "is missing required fields",
    if not (detail.keys() >= REQUIRED and detail.keys() <= MEMBERS):
        return "members"
    # "contains fields of the wrong type" or "contains fields with invalid values".
    good = {
        "procedure": matches(detail["procedure"], PROCEDURE),
        "dossier": "dossier" not in detail or matches(detail["dossier"], DOSSIER),
        "purpose": readable(detail["purpose"]),
        "claims": distinct(detail["claims"], KNOWN),
        # 2.2: locations: "An array of strings representing the location of the resource or RS."
        "locations": distinct(detail.get("locations", [registry]), client.resources),
    }
    return next((name for name, holds in good.items() if not holds), None)


def readable(purpose: object) -> bool:
    """Whether a person can read it: what cannot be printed could turn the line around (bidirectional controls)."""
    return isinstance(purpose, str) and len(purpose) in PURPOSE_LENGTH and purpose.isprintable()


def matches(value: object, shape: re.Pattern[str]) -> bool:
    """Whether a value is a text of this shape, from end to end."""
    return isinstance(value, str) and shape.fullmatch(value) is not None


def distinct(value: object, known: frozenset[str]) -> bool:
    """Whether a value is a list of known texts, at least one and none twice."""
    if not isinstance(value, list) or not value or len(value) > len(known):
        return False
    return (
        all(isinstance(each, str) for each in value) and set(value) <= known and len(set(value)) == len(value)
    )


def places(detail: Mapping[str, object], registry: str) -> tuple[str, ...]:
    """Where a detail counts."""
    named = detail.get("locations")
    return tuple(map(str, named)) if isinstance(named, list) else (registry,)


def covers(whole: Mapping[str, object], part: Mapping[str, object], registry: str) -> bool:
    """Whether ``part`` asks for nothing beyond ``whole``: the same question, at most its claims and places."""
    return (
        all(whole.get(name) == part.get(name) for name in FIXED)
        # Without a dossier it is for every dossier of the procedure, so naming one is narrower, leaving it out wider.
        and whole.get("dossier") in {None, part.get("dossier")}
        and names(part) <= names(whole)
        and set(places(part, registry)) <= set(places(whole, registry))
    )


def names(detail: Mapping[str, object]) -> frozenset[str]:
    """The claims of a detail."""
    claims = detail.get("claims")
    return frozenset(map(str, claims)) if isinstance(claims, list) else frozenset()

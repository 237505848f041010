"""The provider's metadata: one document, to which each module of the table adds what it really does.

A module takes part by a function ``metadata(offer)`` that returns its members. Two modules may name one member:
lists are joined, ``True`` wins over ``False``; anything else that differs is a mistake, found at start and by a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from idp.protocol import SPECIFICATIONS, rfc8705_mtls
from idp.protocol.offer import Offer


def document(offer: Offer) -> dict[str, object]:
    """The members of every module, in the order of the table."""
    parts = []
    for each in SPECIFICATIONS:
        contribute = getattr(import_module(f"idp.protocol.{each.module}"), "metadata", None)
        if contribute is not None:
            parts.append(contribute(offer))
    made = joined(parts)
    return {**made, **rfc8705_mtls.aliases(offer.policy, made)}


def joined(parts: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """One document of several parts. Raises ValueError when two parts contradict each other."""
    made: dict[str, object] = {}
    for part in parts:
        for name, value in part.items():
            made[name] = both(name, made[name], value) if name in made else value
    return made


def both(name: str, one: object, other: object) -> object:
    """What two modules say of one member."""
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(value for value in other if value not in one)]
    if isinstance(one, bool) and isinstance(other, bool):
        return one or other
    if one != other:
        raise ValueError(name)
    return one

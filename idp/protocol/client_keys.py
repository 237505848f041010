"""The keys of clients, imported once for each document (:attr:`idp.domain.facts.Facts.client_keys`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keys import PublicKeySet, Recipient

MAX_CACHED: Final = 4_096
_KEYS: dict[int, tuple[object, PublicKeySet]] = {}
_RECIPIENTS: dict[tuple[int, str], tuple[object, Recipient]] = {}


def imported(document: Mapping[str, object]) -> PublicKeySet:
    """The keys of a client's JWK Set for verifying; the client snapshot and the cache hold one value per document.

    Raises:
        KeyRefused: the document holds something that no client may publish.
    """
    cached = _KEYS.get(id(document))
    if cached is not None and cached[0] is document:
        return cached[1]
    made = PublicKeySet.from_jwks(document)
    if len(_KEYS) >= MAX_CACHED:
        _KEYS.clear()
    _KEYS[id(document)] = (document, made)
    return made


def recipient(document: Mapping[str, object], algorithm: str) -> Recipient:
    """The key of a client's JWK Set to encrypt to, by an algorithm that the client registered.

    Raises:
        KeyRefused: no published key fits, or the one that does may not be used.
    """
    cached = _RECIPIENTS.get((id(document), algorithm))
    if cached is not None and cached[0] is document:
        return cached[1]
    made = Recipient.of(document, algorithm)
    if len(_RECIPIENTS) >= MAX_CACHED:
        _RECIPIENTS.clear()
    _RECIPIENTS[id(document), algorithm] = (document, made)
    return made

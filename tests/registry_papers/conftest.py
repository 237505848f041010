"""The registry of `registry_api` with a card authority in its key folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys import KeyRing
from population_registry.papers.keeping import CardKeys
from tests.registry_api.conftest import budget_clean, key_rings, persona_database, registry, saturday, start
from tests.registry_papers.cards import NOW

__all__ = ["budget_clean", "card_keys", "key_rings", "persona_database", "registry", "saturday", "start"]


@pytest.fixture
def card_keys(key_rings: tuple[Path, KeyRing]) -> CardKeys:
    """The registry's card authority; made once, sealed under its ring."""
    folder, _ = key_rings
    keys = CardKeys.beside(folder, KeyRing.open(folder, mode="demo"))
    keys.complete(NOW)
    return keys

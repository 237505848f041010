"""The catalogue and the partial order of authentication context classes."""

from __future__ import annotations

import pytest

from population_registry.api.catalogue_files import load_catalogue
from population_registry.procedures import RULES
from population_registry.verification.assurance import acr_satisfies
from population_registry.verification.catalogue import CatalogueError, read_catalogue

ENTRY = {"code": "1", "name_vi": "a", "name_en": "b", "legal_basis": "c", "verifiable": ["name"]}
CLAIMS, FIELDS = frozenset({"name"}), frozenset({"sex"})
ACR = "urn:example:vn:acr:l{}-a{}".format


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("strength", [1, 2, 3, 4])
def test_acr_is_a_partial_order(level, strength):
    """Both levels must be reached: l1-a4 does not satisfy l2-a1, nor the reverse (eid-accounts.md section 6)."""
    for wanted_level in (1, 2):
        for wanted_strength in (1, 2, 3, 4):
            expected = level >= wanted_level and strength >= wanted_strength
            assert acr_satisfies(ACR(level, strength), ACR(wanted_level, wanted_strength)) is expected


@pytest.mark.parametrize(
    "held", [None, "", "phr", ACR(2, 2) + "x", "urn:example:vn:acr:l２-a2", " " + ACR(2, 2)]
)
def test_strange_class_satisfies_nothing(held):
    """A missing, foreign or look-alike class is worth nothing."""
    assert not acr_satisfies(held, ACR(1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"verifiable": ["shoe_size"]},
        {"releasable": ["religion"]},
        {"party_kinds": ["foreign"]},
        {"legal_basis": ""},
        {"clientz": ["x"]},
    ],
)
def test_mistakes_in_the_catalogue_stop_the_start(wrong):
    """An unknown claim, field, party kind or key, or a missing legal basis, is an error at start."""
    with pytest.raises(CatalogueError):
        read_catalogue([ENTRY | wrong], claims=CLAIMS, fields=FIELDS)


def test_code_stands_once():
    """Two entries of one code are an error."""
    with pytest.raises(CatalogueError):
        read_catalogue([ENTRY, ENTRY], claims=CLAIMS, fields=FIELDS)


def test_every_rule_module_is_in_the_catalogue():
    """A procedure that can be assessed may also be asked for."""
    assert load_catalogue().procedures.keys() >= RULES.keys()

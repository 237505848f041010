"""Every claim the registry can judge, by name: the vocabulary of the catalogue and of requests."""

from collections.abc import Mapping

from population_registry.verification.claims import (
    address,
    card,
    check_in,
    family,
    household_on,
    insurance,
    kin,
    numbers,
    personal,
    residence,
    residence_history,
)
from population_registry.verification.claims.rule import ClaimRule, Scene

CLAIMS: Mapping[str, ClaimRule] = {
    rule.name: rule
    for part in (
        personal, residence, family, insurance, card,
        numbers, kin, household_on, address, residence_history, check_in,
    )
    for rule in part.RULES
}  # a table, read by rows  # fmt: skip

DISCLOSED = frozenset(rule.discloses for rule in CLAIMS.values() if rule.discloses is not None)
"""The fields whose values claims give out; the catalogue grants them as `releasable`."""

EXPLAINING = frozenset(rule.name for rule in CLAIMS.values() if rule.explains)

IDENTIFYING = ("name", "birth_date")
"""Both must be sent, and agree, before anything else is said about a person who is not present."""

__all__ = ["CLAIMS", "DISCLOSED", "EXPLAINING", "IDENTIFYING", "ClaimRule", "Scene"]

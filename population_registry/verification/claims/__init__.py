"""Every claim the registry can judge, by name: the vocabulary of the catalogue and of requests."""

from collections.abc import Mapping

from population_registry.verification.claims import card, family, insurance, personal, residence
from population_registry.verification.claims.rule import ClaimRule, Scene

CLAIMS: Mapping[str, ClaimRule] = {
    rule.name: rule
    for rule in (*personal.RULES, *residence.RULES, *family.RULES, *insurance.RULES, *card.RULES)
}

IDENTIFYING = ("name", "birth_date")
"""Both must be sent, and agree, before anything else is said about a person who is not present."""

__all__ = ["CLAIMS", "IDENTIFYING", "ClaimRule", "Scene"]

"""What of a record must be loaded to judge a question or to release fields: a table, read before any look-up.

A claim or field that the table does not name gets everything; the table only ever saves work
(`tests/registry_verification/test_needs.py` judges every claim on the parts that it names, and nothing else).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import Final

from population_registry.domain import Part

CLAIM_PARTS: Final[Mapping[str, Part]] = {
    "name": Part.NONE,
    "birth_date": Part.NONE,
    "sex": Part.NONE,
    "alive": Part.NONE,
    "adult": Part.NONE,
    "nationality_vn": Part.NONE,
    "old_number": Part.FORMER_NUMBERS,
    "permanent_commune": Part.RESIDENCES,
    "temporary_commune": Part.RESIDENCES,
    "outside_commune": Part.RESIDENCES,
    "dwelling_owner": Part.HOMES,
    "household_members": Part.HOMES,
    "head_of_household": Part.HOMES,
    "child_of": Part.KIN,
    "parent_of": Part.KIN,
    "health_insurance": Part.HOMES | Part.INSURANCE,
    "social_insurance_number": Part.NONE,
    "card": Part.DOCUMENTS,
}
FIELD_PARTS: Final[Mapping[str, Part]] = {
    "number": Part.NONE,
    "name": Part.NONE,
    "birth_date": Part.NONE,
    "sex": Part.NONE,
    "nationality": Part.NONE,
    "status": Part.NONE,
    "alive": Part.NONE,
    "marital_status": Part.NONE,
    "social_insurance_number": Part.NONE,
    "old_numbers": Part.FORMER_NUMBERS,
    "cancelled_numbers": Part.FORMER_NUMBERS,
    "card": Part.DOCUMENTS,
    "permanent_address": Part.RESIDENCES,
    "temporary_address": Part.RESIDENCES,
    "current_address": Part.RESIDENCES,
    "household": Part.HOMES,
    "head_of_household": Part.HOMES,
    "health_insurance": Part.INSURANCE,
}


def parts_of(names: Iterable[str], table: Mapping[str, Part]) -> Part:
    """Everything that any of the names needs."""
    return _together(frozenset([table.get(name, Part.EVERYTHING) for name in names]))


@lru_cache(maxsize=1024)
def _together(parts: frozenset[Part]) -> Part:
    """All of these at once; the same few questions come again and again, and flags are slow to join."""
    return reduce(or_, parts, Part.NONE)

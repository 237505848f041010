"""Comparing what was asked with what is registered: pure, explained, and silent about the registered value.

`compare_*` functions return a `Comparison` (grade and language-free reasons). None of them ever raises.
"""

from population_registry.matching.addresses import Reading, compare_addresses, compare_coded, graded, resolve
from population_registry.matching.communes import Successors, compare_communes
from population_registry.matching.dates import compare_dates
from population_registry.matching.grades import Comparison, Grade, Reason
from population_registry.matching.names import compare_names
from population_registry.matching.numbers import compare_numbers
from population_registry.matching.places import Gazetteer, Tier, Unit
from population_registry.matching.sex import compare_sex, read_sex
from population_registry.matching.syllables import strip_marks
from population_registry.matching.writing import is_legible, normalise
from population_registry.matching.zone import compare_zone_births, compare_zone_names

__all__ = [
    "Comparison",
    "Gazetteer",
    "Grade",
    "Reading",
    "Reason",
    "Successors",
    "Tier",
    "Unit",
    "compare_addresses",
    "compare_coded",
    "compare_communes",
    "compare_dates",
    "compare_names",
    "compare_numbers",
    "compare_sex",
    "compare_zone_births",
    "compare_zone_names",
    "graded",
    "is_legible",
    "normalise",
    "read_sex",
    "resolve",
    "strip_marks",
]

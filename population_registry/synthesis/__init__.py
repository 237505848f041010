"""The synthetic population: drawn from a seed, households first, streamed into PostgreSQL; no real data.

What makes people (`population`, `block`) is imported where it is needed: it brings numpy, which no service needs.
"""

from population_registry.synthesis.casting import PersonaError
from population_registry.synthesis.inputs import AS_OF, MakingError
from population_registry.synthesis.manifest import Manifest
from population_registry.synthesis.personas import persona_rows
from population_registry.synthesis.populating import AlreadyPopulatedError, populate, stored_manifest
from population_registry.synthesis.rows import BLOCK, Rows

__all__ = [
    "AS_OF",
    "BLOCK",
    "AlreadyPopulatedError",
    "MakingError",
    "Manifest",
    "PersonaError",
    "Rows",
    "persona_rows",
    "populate",
    "stored_manifest",
]

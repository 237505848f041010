"""The synthetic population: drawn from a seed, households first, streamed into PostgreSQL; no real data."""

from population_registry.synthesis.casting import PersonaError
from population_registry.synthesis.manifest import Manifest
from population_registry.synthesis.personas import persona_rows
from population_registry.synthesis.populating import AlreadyPopulatedError, populate, stored_manifest
from population_registry.synthesis.population import AS_OF, manifest_of, population
from population_registry.synthesis.rows import Rows

__all__ = [
    "AS_OF",
    "AlreadyPopulatedError",
    "Manifest",
    "PersonaError",
    "Rows",
    "manifest_of",
    "persona_rows",
    "populate",
    "population",
    "stored_manifest",
]

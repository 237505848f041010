"""Reads the catalogue of procedures from its TOML files at start."""

import tomllib
from pathlib import Path

from population_registry.verification.catalogue import Catalogue, CatalogueError, read_catalogue
from population_registry.verification.claims import CLAIMS, DISCLOSED
from population_registry.verification.fields import FIELDS

CATALOGUE = Path(__file__).parents[1] / "catalogue"


def load_catalogue(folder: Path = CATALOGUE) -> Catalogue:
    """Every procedure of every file of the folder.

    Raises:
        CatalogueError: a file or an entry cannot be read; the service must not start with it.
    """
    entries = []
    for path in sorted(folder.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as broken:
            raise CatalogueError(f"{path.name}: {broken}") from broken
        if document.keys() != {"procedure"}:
            raise CatalogueError(f"{path.name}: only [[procedure]] tables are expected")
        entries += document["procedure"]
    return read_catalogue(entries, claims=frozenset(CLAIMS), fields=frozenset(FIELDS) | DISCLOSED)

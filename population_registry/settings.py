"""The registry's settings, read once from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from web import BaseSettings, setting


@dataclass(frozen=True, kw_only=True, repr=False)
class RegistrySettings(BaseSettings):
    """What the registry must know beside what every service must know.

    `public_url` is the audience of access tokens and the issuer of receipts. `issuer` is the identity
    provider's address. `tries` and `database_connections` are per process.
    """

    service: ClassVar[str] = "population_registry"

    database_url: str = setting()
    issuer: str = setting()
    keys_dir: Path = setting()
    guesses_per_day: int = setting(5)
    database_connections: int = setting(10)
    strict_texts: bool = setting(True)

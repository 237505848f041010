"""Where one demo lives: its folder, its ports and the addresses that follow from them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from demo.embedded import EmbeddedPostgres, EmbeddedRedis

ROOT = Path(__file__).resolve().parent.parent
PORT_BASE = 8000
POPULATION = 10_000
LOWEST_BASE = 1024  # below, only root may listen
HIGHEST_BASE = 65000  # the highest offset in use is below 500
OFFSETS = {
    "idp": 0,
    "mail": 25,
    "registry": 100,
    "national_portal": 201,
    "residence_portal": 202,
    "insurance_portal": 203,
    "one_stop_portal": 204,
    "eid_app": 205,
    "payment_gateway": 206,
}
REDIS_DATABASES = tuple(name for name in OFFSETS if name != "mail")


class TroubleError(Exception):
    """Something a person must know or do; the message says it in plain words, no traceback is shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """One demo. ``database_url`` and ``redis_url`` name servers to use instead of the embedded ones."""

    var: Path
    port_base: int = PORT_BASE
    population: int = POPULATION
    database_url: str | None = None
    redis_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Place:
        """Read DINHDANH_VAR, _PORT_BASE and _POPULATION, DATABASE_URL and REDIS_URL; raises TroubleError."""
        base = environment.get("DINHDANH_PORT_BASE", str(PORT_BASE))
        if not base.isascii() or not base.isdigit() or not LOWEST_BASE <= int(base) <= HIGHEST_BASE:
            raise TroubleError(
                f"DINHDANH_PORT_BASE must be a number from {LOWEST_BASE} to {HIGHEST_BASE}, not {base!r}."
            )
        people = environment.get("DINHDANH_POPULATION", str(POPULATION))
        if not people.isascii() or not people.isdigit() or not int(people):
            raise TroubleError(f"DINHDANH_POPULATION must be a number of people, not {people!r}.")
        return cls(
            var=Path(environment.get("DINHDANH_VAR") or ROOT / "var").resolve(),
            port_base=int(base),
            population=int(people),
            database_url=environment.get("DATABASE_URL") or None,
            redis_url=environment.get("REDIS_URL") or None,
        )

    def port(self, name: str) -> int:
        """The port of a service on loopback."""
        return self.port_base + OFFSETS[name]

    def url(self, name: str) -> str:
        """The public address of a service."""
        return f"http://localhost:{self.port(name)}"

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The embedded PostgreSQL, for use when ``database_url`` is not set."""
        return EmbeddedPostgres(self.var / "postgres")

    @property
    def redis(self) -> EmbeddedRedis:
        """The embedded Redis, for use when ``redis_url`` is not set."""
        return EmbeddedRedis(self.var / "redis")

    def database(self, name: str) -> str:
        """The address of the database of a service; ``postgres`` is the one that others are created through."""
        if self.database_url is None:
            return self.postgres.url(name)
        if name == "postgres":
            return self.database_url
        return urlsplit(self.database_url)._replace(path=f"/{name}").geturl()

    def cache(self, name: str) -> str:
        """The address of the Redis database of a service; each has its own number."""
        number = REDIS_DATABASES.index(name)
        if self.redis_url is None:
            return self.redis.url(number)
        return urlsplit(self.redis_url)._replace(path=f"/{number}").geturl()

    def keys(self, name: str) -> Path:
        """The key folder of a service: of the provider and the registry, or of a portal."""
        return self.var / "keys" / name if name in {"idp", "registry"} else self.var / "demo" / "keys" / name

    def secret(self, name: str) -> Path:
        """The file of a secret that this demo drew for itself."""
        return self.var / "demo" / "secrets" / name

    def draw(self, names: tuple[str, ...]) -> None:
        """Draw the secrets that are not there yet: 32 random bytes each, readable by this user only."""
        for name in names:
            file = self.secret(name)
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as drawn:
                    drawn.write(token_urlsafe(32))

    @property
    def templates(self) -> Path:
        """Where compiled page templates are kept between starts."""
        return self.var / "demo" / "templates"

    @property
    def outbox(self) -> Path:
        """Where the mail catcher puts one JSON file a message."""
        return self.var / "demo" / "outbox"

    @property
    def personas(self) -> Path:
        """The people to sign in as."""
        return ROOT / "demo" / "personas.toml"

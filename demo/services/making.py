"""What the rows of several services are made of: commands, the environment of each, steps that make keys."""

from __future__ import annotations

import sys
from pathlib import Path

from demo.place import ROOT, Place
from demo.rows import Row, Step
from demo.services.names import PORTALS


def python(*arguments: str) -> tuple[str, ...]:
    """A command of this Python."""
    return (sys.executable, *arguments)


def serve(package: str, port: int) -> tuple[str, ...]:
    """A package of ours that serves its own pages on a port."""
    return python("-m", package, "serve", "--port", str(port))


def uvicorn(factory: str, port: int) -> tuple[str, ...]:
    """A portal under uvicorn: its settings beside the port are those of the other services."""
    return python(
        *("-m", "uvicorn", factory, "--factory", "--host", "127.0.0.1", "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--timeout-graceful-shutdown", "5"),
        *("--no-server-header", "--no-access-log", "--no-proxy-headers"),
    )


def files(folder: str) -> tuple[Path, ...]:
    """The Python files of a folder, as inputs of a step."""
    return tuple(sorted((ROOT / folder).rglob("*.py")))


def common(place: Place, name: str) -> dict[str, str]:
    """What every service is told: its database, cache, address, keys and secrets."""
    return {
        "DINHDANH_MODE": "demo",
        "DATABASE_URL": place.database(name),
        "REDIS_URL": place.cache(name),
        "PUBLIC_URL": place.url(name),
        "KEYS_DIR": str(place.keys(name)),
        "SESSION_SECRET_FILE": str(place.secret(f"session-{name}")),
        "TEMPLATE_CACHE_DIR": str(place.templates),
    }


def registry_and_portals(place: Place) -> dict[str, str]:
    """The addresses that manifests of clients name."""
    return portal_urls(place) | {"REGISTRY_URL": place.url("registry")}


def portal_urls(place: Place) -> dict[str, str]:
    """The addresses of all portals, as every portal is told them."""
    return {f"{name.upper()}_URL": place.url(name) for name in PORTALS}


def keys_of(place: Place, name: str, profile: str, label: str) -> Step:
    """The step that makes a service's own keys."""
    folder = place.keys(name)
    return Step(
        name=f"keys-{name}",
        label=label,
        command=python("-m", "keys", "--dir", str(folder), "init", "--profile", profile),
        environment={"DINHDANH_MODE": "demo"},
        inputs=(ROOT / "keys" / "purposes.py",),  # a new purpose brings new keys to a folder that is in use
        makes=(folder,),
    )


def client_keys(place: Place, name: str, label: str) -> tuple[Row, ...]:
    """The keys of a client, and the public ones among them for the provider."""
    folder = place.keys(name)
    return (
        keys_of(place, name, "client", f"khóa · keys: {label}"),
        Step(
            name=f"public-keys-{name}",
            label=f"khóa công khai · public keys: {label}",
            command=python("-m", "keys", "--dir", str(folder), "jwks"),
            environment={"DINHDANH_MODE": "demo"},
            needs=(f"keys-{name}",),
            makes=(folder / "jwks.json",),
            writes=folder / "jwks.json",
        ),
    )

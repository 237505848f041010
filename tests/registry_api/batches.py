"""Orders, files and a worker for the tests of batches."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2

from population_registry.settings import RegistrySettings
from population_registry.working import make_worker
from tests.registry_api.conftest import ISSUER, REGISTRY, Registry

COLUMNS = {"ref": "stt", "number": "so", "name": "ten", "birth_date": "ns"}
HEADER = "stt,so,ten,ns\n"


def order(**changed: Any) -> dict[str, Any]:
    """A reconciliation in CSV."""
    body = {
        "purpose": "Đối soát dữ liệu người tham gia",
        "procedure_code": "bhxh.reconcile",
        "kind": "reconcile",
        "format": "csv",
        "columns": COLUMNS,
    } | changed
    return {name: value for name, value in body.items() if value is not None}


def insurer(registry: Registry, **changed: Any) -> str:
    """The insurance portal's own token."""
    return registry.issuer.token(client_id="insurance-portal", **changed)


async def make(registry: Registry, **changed: Any) -> str:
    """Order a batch; answers its path."""
    answer = await registry.post("/v1/batches", order(**changed), insurer(registry))
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def send(registry: Registry, path: str, content: bytes, **headers: str) -> httpx2.Response:
    """PUT a file or a piece of it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    bearer = {"Authorization": f"Bearer {insurer(registry)}"}
    return await registry.http.put(f"{path}/content", content=content, headers=bearer | named)


async def look(registry: Registry, path: str) -> dict[str, Any]:
    """The job as it is now."""
    answer = await registry.get(path, insurer(registry))
    assert answer.status_code == 200, answer.text
    return answer.json()


def settings_of(registry: Registry, folder: Any, **changed: Any) -> RegistrySettings:
    """The settings of a worker beside that application."""
    values = {
        "public_url": REGISTRY,
        "database_url": registry.database_url,
        "issuer": ISSUER,
        "keys_dir": folder,
    }
    return RegistrySettings(**values | {"log_level": "WARNING"} | changed)


async def work(registry: Registry, folder: Any, **changed: Any) -> None:
    """A worker until nothing is left to do."""
    worker = make_worker(settings_of(registry, folder, **changed), clock=registry.clock)
    await worker.run(asyncio.Event(), until_idle=True)


async def run(registry: Registry, folder: Any, content: bytes, **changed: Any) -> tuple[str, dict[str, Any]]:
    """Order, send, work; answers the path and the job at its end."""
    path = await make(registry, **changed)
    answer = await send(registry, path, content)
    assert answer.status_code == 204, answer.text
    await work(registry, folder)
    return path, await look(registry, path)

"""Dossiers of the registry's engine as the messages that the national portal receives, and a door that hears them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson

from clients.national_portal.door import Door
from clients.national_portal.message import Message, read_message
from clients.portal_kit.sender_keys import SenderKeys
from keys import KeyRing
from population_registry.dossiers import Dossier
from population_registry.dossiers.acts import stop
from population_registry.dossiers.deciding import refuse
from population_registry.dossiers.synchronising import Owner, synchronisation
from tests.clients.conftest import LAN, URLS, Running
from tests.registry_dossiers.filed import moment, supplement_wanted, supplemented

PROCEDURE = ("Đăng ký tạm trú", "Temporary residence registration")
_CODES = itertools.count(10_001)
SERVED = {"residence_portal": {"1.004194": "/temporary-residence"}, "insurance_portal": {}}


def said(dossier: Dossier, number: int, person: str) -> dict[str, Any]:
    """The message of a line, as it arrives."""
    owner = Owner(person, "Nguyễn Thị Lan", *PROCEDURE, province="01")
    found: dict[str, Any] = orjson.loads(orjson.dumps(synchronisation(dossier, number, owner)))
    return found


def message(dossier: Dossier, number: int, person: str) -> Message:
    """The same, read."""
    return read_message(dossier.code, said(dossier, number, person))


def stopped(code: str) -> Dossier:
    """Eight lines, stopped in the end."""
    dossier: Dossier = stop(supplemented(code=code), moment(240), "Công dân không còn nhu cầu")
    return dossier


def wanting(code: str) -> Dossier:
    """Something is missing: state 5."""
    dossier: Dossier = supplement_wanted(code=code)
    return dossier


def decided(code: str) -> Dossier:
    """With a result: state 9."""
    return refuse(supplemented(code=code), moment(240), "Chỗ ở không thuộc quyền sử dụng").dossier


def new_code() -> str:
    """A dossier code that no other test has."""
    return f"G01.899.06-261116-01{next(_CODES):06d}"


async def tell(running: Running, dossier: Dossier, person: str = LAN) -> None:
    """Every line of a dossier arrives."""
    door: Door = running.app.state.door
    async with running.portal.database.transaction() as connection:
        for number in range(1, dossier.version + 1):
            await door.dossiers.merge(connection, message(dossier, number, person))


class Neighbours(httpx2.AsyncBaseTransport):
    """The registry, and portals that say what they serve; everybody else is away."""

    def __init__(self, running: Running, served: Mapping[str, Mapping[str, str]]) -> None:
        self._registry = running.registry.transport()
        self._served = {URLS[name]: paths for name, paths in served.items()}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request."""
        base = f"{request.url.scheme}://{request.url.netloc.decode()}"
        if base in self._served and request.url.path == "/.well-known/procedures.json":
            return httpx2.Response(200, json={"procedures": dict(self._served[base])})
        if base in URLS.values():
            raise httpx2.ConnectError("away")
        return await self._registry.handle_async_request(request)


def open_door(running: Running, rings: Mapping[str, KeyRing]) -> Door:
    """The door with neighbours that answer, and the registry's keys."""
    door: Door = running.app.state.door

    class Known(SenderKeys):
        async def fetched(self, sender: str) -> dict[str, Any]:
            return rings["registry"].jwks()

    keys = Known((running.portal.settings.registry_url,))
    running.app.state.registry_keys = keys
    door.reconciler.keys = keys
    door.services.keys = keys
    client = httpx2.AsyncClient(transport=Neighbours(running, SERVED))
    door.services.client = client
    door.figures.client = client
    return door

"""Authorities without pages in the demo: their own systems decide over the registry's API (`demo/clients`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import httpx2

from demo.tokens import Party
from tests.journeys.country import Country

CENTRE: Final = "C06-012"
"""The officer of the residence authority whose territory is the country; other bodies name their own people."""


@dataclass(frozen=True, slots=True)
class Office:
    """One authority's system, such as ``civil-status``, ``residence-authority`` or ``insurer``."""

    country: Country
    client_id: str
    officer: str = CENTRE

    async def act(self, code: str, *acts: str, **said: Any) -> dict[str, Any]:
        """Acts on a dossier, one after the other, each on the version that it has then; the dossier at the end."""
        party = Party.of(self.country.place, self.client_id)
        path = f"{self.country.registry}/v1/dossiers/{code}"
        async with httpx2.AsyncClient(timeout=300) as http:
            headers = (await party.own(http, "registry:decide")).headers("POST", path)
            dossier: dict[str, Any] = {}
            for act in acts:
                read = await http.get(path, params={"officer": self.officer}, headers=headers)
                assert read.status_code == 200, read.text
                body = {"act": act, "officer": self.officer, "version": read.json()["version"]} | said
                answer = await http.post(f"{path}/acts", json=body, headers=headers)
                assert answer.status_code == 200, answer.text
                dossier = answer.json()
            return dossier

"""Provinces and communes to choose from: public reference data of the registry, kept for a day."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from clients.portal_kit.registry import RegistryClient

KEPT_FOR: Final = 24 * 3600.0
Rows = tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Places:
    """Looks places up; raises :class:`~clients.portal_kit.registry.RegistryGone` only for what it never learned."""

    registry: RegistryClient
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, Rows]] = field(default_factory=dict)

    async def provinces(self) -> Rows:
        """The provinces and cities, by code and name."""
        return await self._rows("/v1/references/provinces", "provinces")

    async def communes(self, province: str) -> Rows:
        """The communes, wards and special zones of a province; empty for a province that does not exist."""
        if province not in {row["code"] for row in await self.provinces()}:
            return ()
        return await self._rows(f"/v1/references/communes?province={province}", "communes")

    async def commune(self, code: str) -> Mapping[str, Any] | None:
        """One commune by its five-digit code, with its ``province_code`` and ``province_name``."""
        provinces = await self.provinces()
        every = await asyncio.gather(*(self.communes(row["code"]) for row in provinces))
        for province, rows in zip(provinces, every, strict=True):
            for row in rows:
                if row["code"] == code:
                    return {**row, "province_name": province["name"]}
        return None

    async def written(self, address: Mapping[str, Any]) -> str:
        """An address of the registry as people write it: house, commune, province."""
        commune = await self.commune(str(address["commune_code"]))
        parts = [str(address["text"])]
        if commune is not None:
            parts += [str(commune["name"]), str(commune["province_name"])]
        return ", ".join(parts)

    async def _rows(self, path: str, member: str) -> Rows:
        learned_at, rows = self._kept.get(path, (float("-inf"), ()))
        if self.clock() - learned_at > KEPT_FOR:
            rows = tuple((await self.registry.reference(path))[member])
            self._kept[path] = (self.clock(), rows)
        return rows

"""Which procedures there are and which portal serves them: fetched beside the pages, never while somebody waits.

The catalogue comes signed from the registry and is believed only with its signature; what a portal serves comes from
the portal itself, at the address in the settings, and a path is used only where it is one.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from jose import jwt
from jose.exceptions import JOSEError

from clients.national_portal.catalogue import Entry, entries
from clients.portal_kit.sender_keys import SenderKeys, UnknownSender
from clients.portal_kit.served import PATH
from clients.portal_kit.sign_in import own_page

SIGNED: Final = "application/service-catalogue+jwt"
TYPE: Final = "service-catalogue+jwt"
AGAIN: Final = 5.0
REST: Final = 60.0
LARGEST: Final = 1_000_000
MOST: Final = 200
LONGEST_CODE: Final = 64
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Services:
    """What is known now; ``portals`` are the addresses of the other portals by name."""

    registry_url: str
    portals: Mapping[str, str]
    keys: SenderKeys
    client: httpx2.AsyncClient
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What is filed at this very portal, under its own name."""
    found: tuple[Entry, ...] = ()
    version: str = ""
    _claims: Mapping[str, Any] = field(default_factory=lambda: {"procedures": []})
    _served: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def run(self) -> None:
        """Look again every minute, and every few seconds while something is missing."""
        while True:
            complete = await self.refresh()
            await asyncio.sleep(REST if complete else AGAIN)

    async def refresh(self) -> bool:
        """Ask everybody once; whoever does not answer keeps what was known. True when everybody answered."""
        asked = (self._catalogue(), *(self._portal(name, url) for name, url in self.portals.items()))
        answers = await asyncio.gather(*asked)
        self.found = entries(self._claims, {**self._served, **self.own})
        return all(answers)

    async def _catalogue(self) -> bool:
        try:
            answer = await self.client.get(f"{self.registry_url}/v1/catalogue", headers={"Accept": SIGNED})
            answer.raise_for_status()
            token = answer.text[: LARGEST + 1]
            header = jwt.get_unverified_header(token)
            jwks = await self.keys.of(self.registry_url, header.get("kid"))
            key = next(each for each in jwks["keys"] if each.get("kid") == header.get("kid"))
            claims = jwt.decode(
                token, key, algorithms=["ES256"], issuer=self.registry_url, options={"require_exp": True}
            )
            if header.get("typ") != TYPE:
                return False
            entries(claims, {})
        except (httpx2.HTTPError, JOSEError, UnknownSender, StopIteration, KeyError, TypeError) as error:
            log.info("catalogue waits", extra={"why": type(error).__name__})
            return False
        self._claims, self.version = claims, str(claims.get("version", ""))
        return True

    async def _portal(self, name: str, url: str) -> bool:
        try:
            answer = await self.client.get(url + PATH)
            answer.raise_for_status()
            said = answer.json()["procedures"] if len(answer.content) <= LARGEST else {}
            self._served[name] = {
                str(code)[:LONGEST_CODE]: str(path)
                for code, path in list(said.items())[:MOST]
                if path != "/" and own_page(str(path)) == path
            }
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.info("portal waits", extra={"portal": name, "why": type(error).__name__})
            return False
        return True

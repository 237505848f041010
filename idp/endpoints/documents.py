"""``/jwks`` and both well-known documents: bytes made once, anew when the key ring turned."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from idp.endpoints.answers import JSON, PUBLIC, Answer
from idp.endpoints.exchange import Exchange
from idp.endpoints.signing import ID_TOKEN_ALGORITHMS
from idp.protocol import oidc_discovery
from idp.shell import Services
from keys import KeyPurpose, KeyRefused, KeyRing

JWKS_KIND = (b"content-type", b"application/jwk-set+json")


@dataclass(slots=True)
class Documents:
    """The documents of one provider."""

    services: Services
    _made_of: object = field(default=None, repr=False)
    _jwks: Answer = field(init=False, repr=False)
    _metadata: Answer = field(init=False, repr=False)

    async def jwks(self, exchange: Exchange) -> Answer:
        """RFC 7517 5: next, active and retiring public keys; short caching, so that a turn is seen in time."""
        del exchange
        self._follow()
        return self._jwks

    async def metadata(self, exchange: Exchange) -> Answer:
        """OIDC Discovery 4.2 and RFC 8414 3.2: the same document at both addresses."""
        del exchange
        self._follow()
        return self._metadata

    def _follow(self) -> None:
        """Make both anew when the ring turned; it holds one set of public keys from turn to turn."""
        ring = self.services.ring
        known = ring.public_keys()
        if known is self._made_of:
            return
        document = oidc_discovery.metadata(self.services.policy, signing_algorithms(ring))
        self._jwks = Answer(200, orjson.dumps(ring.jwks()), (JWKS_KIND, *PUBLIC))
        self._metadata = Answer(200, orjson.dumps(document), (JSON, *PUBLIC))
        self._made_of = known


def signing_algorithms(ring: KeyRing) -> list[str]:
    """The algorithms that this ring really signs ID tokens with."""
    return [name for name in ID_TOKEN_ALGORITHMS if _signs(ring, name)]


def _signs(ring: KeyRing, algorithm: str) -> bool:
    try:
        ring.signer(KeyPurpose.ID_TOKEN, algorithm)
    except KeyRefused:
        return False
    return True

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
    _jwks: tuple[object, Answer] | None = field(default=None, repr=False)
    _metadata: tuple[object, Answer] | None = field(default=None, repr=False)

    async def jwks(self, exchange: Exchange) -> Answer:
        """RFC 7517 5: next, active and retiring public keys; short caching, so that a turn is seen in time."""
        del exchange
        keys = self.services.ring.jwks()["keys"]
        if self._jwks is None or self._jwks[0] is not keys:
            answer = Answer(200, orjson.dumps({"keys": keys}), (JWKS_KIND, *PUBLIC))
            self._jwks = (keys, answer)
        return self._jwks[1]

    async def metadata(self, exchange: Exchange) -> Answer:
        """OIDC Discovery 4.2 and RFC 8414 3.2: the same document at both addresses."""
        del exchange
        keys = self.services.ring.jwks()["keys"]
        if self._metadata is None or self._metadata[0] is not keys:
            document = oidc_discovery.metadata(self.services.policy, signing_algorithms(self.services.ring))
            self._metadata = (keys, Answer(200, orjson.dumps(document), (JSON, *PUBLIC)))
        return self._metadata[1]


def signing_algorithms(ring: KeyRing) -> list[str]:
    """The algorithms that this ring really signs ID tokens with."""
    return [name for name in ID_TOKEN_ALGORITHMS if _signs(ring, name)]


def _signs(ring: KeyRing, algorithm: str) -> bool:
    try:
        ring.signer(KeyPurpose.ID_TOKEN, algorithm)
    except KeyRefused:
        return False
    return True

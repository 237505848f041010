"""``/jwks`` and the well-known documents: bytes made once, anew when the key ring turned."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from idp.domain.policy import Policy
from idp.endpoints import check_session
from idp.endpoints.answers import JSON, JWK_SET, PUBLIC, Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import provider_metadata, rfc9728_resource_metadata
from idp.protocol.offer import Offer
from idp.shell import Services
from keys import KeyPurpose, KeyRing, KeyState


@dataclass(slots=True)
class Documents:
    """The documents of one provider."""

    services: Services
    _made_of: object = field(default=None, repr=False)
    _jwks: Answer = field(init=False, repr=False)
    _metadata: Answer = field(init=False, repr=False)
    _resource: Answer = field(init=False, repr=False)

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

    async def resource(self, exchange: Exchange) -> Answer:
        """RFC 9728 3.2: the document of UserInfo as a protected resource."""
        del exchange
        self._follow()
        return self._resource

    async def check_session(self, exchange: Exchange) -> Answer:
        """Session Management 3.2: the page for clients' hidden frames."""
        del exchange
        return check_session.page(self.services.settings.browser_state_cookie)

    def _follow(self) -> None:
        """Make all anew when the ring turned; it holds one set of public keys from turn to turn."""
        ring = self.services.ring
        known = ring.public_keys()
        if known is self._made_of:
            return
        offered = offer(self.services.policy, ring)
        document = provider_metadata.document(offered)
        resource = rfc9728_resource_metadata.document(offered, document)
        self._jwks = Answer(200, orjson.dumps(ring.jwks()), (JWK_SET, *PUBLIC))
        self._metadata = Answer(200, orjson.dumps(document), (JSON, *PUBLIC))
        self._resource = Answer(200, orjson.dumps(resource), (JSON, *PUBLIC))
        self._made_of = known


def offer(policy: Policy, ring: KeyRing) -> Offer:
    """What this ring really signs and decrypts with."""
    active = [record for record in ring.records if record.state is KeyState.ACTIVE]
    return Offer(
        policy,
        {
            purpose: tuple(record.algorithm.value for record in active if record.purpose is purpose)
            for purpose in KeyPurpose
        },
    )

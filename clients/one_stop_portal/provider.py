"""What the counter asks of the identity provider beyond signing in: a citizen's yes, and acting for a dependant.

The citizen's yes is a back-channel request with the staff member's token as ``actor_token``; a dependant's token
comes as in every portal (`portal_kit.representing`). See ``docs/representation.md``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from clients.dpop import HeldToken
from clients.portal_kit.representing import (
    FILE,
    Dependant,
    NotDone,
    acting,
    dependants_of,
    sent,
    token_for,
)
from clients.relying_party import RelyingParty

__all__ = ["Dependant", "NotDone", "Provider"]

CIBA: Final = "urn:openid:params:grant-type:ciba"
ASKED: Final = "openid pid registry:dossiers"
FILE_LEVEL: Final = "urn:example:vn:acr:l2-a2"


@dataclass(frozen=True, slots=True)
class Provider:
    """Asks with the portal's own authentication; every method raises :class:`NotDone` and ``SignInFailed``."""

    party: RelyingParty
    resource: str

    async def ask_citizen(
        self, staff: HeldToken, number: str, detail: Mapping[str, object], way: str, message: str
    ) -> str:
        """Open a request that waits for the citizen; its ``auth_req_id``."""
        answer = await self._sent(
            "backchannel_authentication_endpoint",
            {
                "scope": ASKED,
                "login_hint": number,
                "binding_message": message,
                "authorization_details": json.dumps([detail]),
                "resource": self.resource,
                "acr_values": FILE_LEVEL,
                "requested_expiry": "600",
                "confirmation": way,
                **acting(staff),
            },
        )
        return str(answer["auth_req_id"])

    async def confirm(self, staff: HeldToken, request: str, act: str, **more: str) -> Mapping[str, Any]:
        """``/eid/v1/assistance``: send a code, bring one, record a paper."""
        form = {"auth_req_id": request, "act": act, **acting(staff), **more}
        return await self._sent("/eid/v1/assistance", form)

    async def citizens_token(self, request: str) -> HeldToken:
        """The token for the one dossier, once. ``NotDone("authorization_pending")`` while the citizen is silent."""
        answer = await self._sent("token_endpoint", {"grant_type": CIBA, "auth_req_id": request})
        return HeldToken(str(answer["access_token"]))

    async def dependants(self, guardian: HeldToken) -> tuple[Dependant, ...]:
        """Whom the person may act for here, by the clock of now."""
        return await dependants_of(self.party, guardian)

    async def dependants_token(
        self, guardian: HeldToken, subject: str, detail: Mapping[str, object]
    ) -> HeldToken:
        """A token for one dossier of a dependant."""
        found = await token_for(self.party, guardian, subject, self.resource, FILE, (detail,))
        return found.held

    async def _sent(self, endpoint: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        return await sent(self.party, endpoint, form)

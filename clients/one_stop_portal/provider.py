"""What the counter asks of the identity provider beyond signing in: a citizen's yes, and acting for a dependant.

The citizen's yes is a back-channel request with the staff member's token as ``actor_token``; a dependant's token
comes by token exchange (RFC 8693). See ``docs/representation.md``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from clients.dpop import HeldToken
from clients.relying_party import RelyingParty

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind
DEPENDANT: Final = "urn:example:vn:params:oauth:token-type:dependant"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
CIBA: Final = "urn:openid:params:grant-type:ciba"
SCOPE: Final = "openid pid registry:dossiers"
FILE_LEVEL: Final = "urn:example:vn:acr:l2-a2"
OK: Final = 200


class NotDone(Exception):  # noqa: N818 - the provider's answer
    """The provider says no: ``code`` is an OAuth error code or one of the provider's own (409)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Dependant:
    """Somebody for whom the signed-in person may act here; ``until`` as RFC 3339, None without a birthday."""

    subject: str
    name: str
    basis: str
    until: str | None


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
                "scope": SCOPE,
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
        answer = await self._sent("/eid/v1/dependants", acting(guardian))
        return tuple(
            Dependant(str(each["sub"]), str(each["name"]), str(each["basis"]), each.get("until"))
            for each in answer["dependants"]
        )

    async def dependants_token(
        self, guardian: HeldToken, subject: str, detail: Mapping[str, object]
    ) -> HeldToken:
        """A token for one dossier of a dependant; the registry is asked by the provider this moment."""
        form = {
            "grant_type": EXCHANGE,
            "subject_token": subject,
            "subject_token_type": DEPENDANT,
            "resource": self.resource,
            "scope": "pid registry:dossiers",
            "authorization_details": json.dumps([detail]),
            **acting(guardian),
        }
        answer = await self._sent("token_endpoint", form)
        return HeldToken(str(answer["access_token"]))

    async def _sent(self, endpoint: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        status, answer = await self.party.post(endpoint, form)
        if status != OK:
            raise NotDone(str(answer.get("error", "server_error")))
        return answer


def acting(held: HeldToken) -> dict[str, str]:
    """RFC 8693 2.1: whoever acts."""
    return {"actor_token": held.token, "actor_token_type": ACCESS_TOKEN}

"""A form reaches the registry once: as a new dossier, or as the supplement that was asked for (CT05).

What an earlier press did already is found, not done again: its answer may never have reached us.
"""

from collections.abc import Mapping
from typing import Any, Final

from clients.dpop import HeldToken
from clients.portal_kit.dossiers import Dossier
from clients.portal_kit.portal import Portal
from clients.portal_kit.procedure import Procedure
from clients.portal_kit.storage.drafts import Draft
from clients.portal_kit.storage.sessions import PortalSession
from clients.portal_kit.wire import RegistryRefused

FILED_BEFORE: Final = frozenset({"dossier-code-taken", "idempotency-key-reused"})
"""An earlier press reached the registry, though its answer never reached us."""


async def send(
    portal: Portal, session: PortalSession, procedure: Procedure, draft: Draft, inputs: Mapping[str, Any]
) -> Dossier:
    """The dossier after filing or supplementing. Raises RegistryGone and RegistryRefused as the registry's client."""
    token = await portal.token(session)
    if draft.supplements:
        return await _supplemented(portal, token, draft, inputs)
    try:
        return await portal.dossiers.file(
            token,
            code=draft.code,
            procedure_code=procedure.procedure_code,
            purpose=procedure.purpose,
            inputs=inputs,
        )
    except RegistryRefused as refusal:
        same = refusal.said.get("dossier_code") == draft.code
        if refusal.code not in FILED_BEFORE and not same:
            raise
        earlier = await portal.dossiers.one(token, draft.code)
        if earlier.inputs != dict(inputs):  # filed, and the answers were changed since
            said = {"dossier_code": draft.code}
            raise RegistryRefused(409, "dossier-code-taken", said=said) from refusal
        return earlier


async def _supplemented(portal: Portal, token: HeldToken, draft: Draft, inputs: Mapping[str, Any]) -> Dossier:
    before = await portal.dossiers.one(token, draft.code)
    asked = before.supplement_asked
    if asked is None or asked.number != draft.supplements:
        return before
    return await portal.dossiers.supplement(token, draft.code, version=before.version, inputs=inputs)

"""Locked e-identities, as the provider tells them: nothing that was filed with one is decided while it is locked.

Decree 69/2024 Art. 16 (locks); the provider is the only one who may tell, and tells no reason. An officer's approval
then fails on `account_open`; a refusal, a stop, and dossiers filed on paper go on.
"""

from typing import Final

from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.models import HoldRequest
from population_registry.storage.dossiers import set_hold
from population_registry.verification.asking import Caller, read_number, require_scope
from population_registry.verification.authorising import SCOPE_RELEASE
from population_registry.verification.refusals import Refusal, RefusalCode

PROVIDER_PROCEDURE: Final = "eid.profile"
"""The entry of the catalogue under which the provider keeps its accounts."""


async def hold(desk: Desk, caller: Caller, asked: HoldRequest) -> None:
    """Keep or lift the hold; telling the same twice changes nothing.

    Raises:
        Refusal: `insufficient-scope`, `procedure-not-allowed`, `person-unknown`. Problem: 503.
    """
    require_scope(caller, SCOPE_RELEASE)
    procedure = desk.catalogue.get(PROVIDER_PROCEDURE)
    if caller.person_number is not None or not procedure.admits(caller.client_id, caller.party_kind):
        raise procedure.refusal(RefusalCode.PROCEDURE_NOT_ALLOWED, "clients")
    number = read_number(asked.subject.number, "subject.number")
    async with desk.database.pool() as pool:
        if not await set_hold(pool, number, locked=asked.locked, source=caller.client_id, now=desk.clock()):
            raise Refusal(RefusalCode.PERSON_UNKNOWN)

"""Whether a representative's token still counts: the registry's own record, at every use, whatever the token says.

A token lives for minutes; a court's decision, a death or a birthday may fall into them (attack 52).
"""

from datetime import datetime

from population_registry.dossiers.working_days import VIET_NAM
from population_registry.matching import Successors
from population_registry.storage import Connection
from population_registry.storage.loading import load_facts
from population_registry.storage.past import with_past
from population_registry.verification.acting import ActingKind
from population_registry.verification.answers import Flag
from population_registry.verification.asking import Caller
from population_registry.verification.claims.kin import Matter, Relative, judge_representative_of
from population_registry.verification.claims.rule import Scene
from population_registry.verification.refusals import Refusal, RefusalCode


async def require_authority(
    connection: Connection, caller: Caller, now: datetime, matter: Matter = Matter.GENERAL
) -> str | None:
    """The representative's name when one acts, and may in that matter today; None when nobody represents anybody.

    Raises:
        Refusal: `authority-ended`.
    """
    acting, number = caller.acting, caller.person_number
    if acting is None or acting.kind is not ActingKind.REPRESENTATIVE:
        return None
    if acting.number is None or number is None:
        raise Refusal(RefusalCode.AUTHORITY_ENDED)
    facts = await with_past(connection, await load_facts(connection, [acting.number, number]))
    guardian = facts.get(acting.number)
    if guardian is None:
        raise Refusal(RefusalCode.AUTHORITY_ENDED)
    scene = Scene(facts, guardian, now.astimezone(VIET_NAM).date(), Successors({}))
    said = judge_representative_of(Relative(number, matter=matter), scene)
    if said.flag is not Flag.MATCH:
        raise Refusal(RefusalCode.AUTHORITY_ENDED, reason=next(iter(said.reasons), None))
    return guardian.person.name.full

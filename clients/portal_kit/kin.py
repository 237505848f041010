"""What a form knows of a dependant whose own record is not released: from the 14th birthday on, and at a counter.

Nothing of it comes from the young person's record. They are named by what the representative named them by, and where
both live in one household its members are those of the representative's own record, which is theirs to have released
(decision 0023; Law on Identity 26/2023, Decree 69/2024 Art. 14; Civil Code 2015 Art. 21, 136).
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from clients.dpop import HeldToken
from clients.portal_kit.portal import Portal
from clients.portal_kit.registry import Question
from clients.portal_kit.representing import Dependant

HOUSEHOLD: Final = "household"


async def known_of(
    portal: Portal, own: HeldToken, question: Question, dependant: Dependant, releases: Collection[str]
) -> Mapping[str, Any]:
    """The dependant as named, with the household that they share; ``own`` is the representative's own token.

    Raises as the registry's client.
    """
    if HOUSEHOLD not in releases or not dependant.number:
        return dependant.known
    released = await portal.registry.release(own, question, ("number", HOUSEHOLD))
    household = released["values"].get(HOUSEHOLD) or ()
    shared = any(each["number"] == dependant.number for each in household)
    return {**dependant.known, HOUSEHOLD: household} if shared else dependant.known

"""Who may set a lock and who may lift it: a row per reason (Law on Identity 26/2023, Art. 34; Decree 69/2024, 16-18).

The person's own request takes effect at once, wherever they make it. A body's request is decided by the centre
(:mod:`idp.accounts.cases`). What the registry found, the registry takes back: "the system also unlocks automatically
when the ground has gone". Death is never lifted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from idp.accounts.life import Actor, LockReason


@dataclass(frozen=True, slots=True)
class Rule:
    """Who sets and who lifts; ``told``: the person hears of it at once (Art. 34(3), all cases but death)."""

    set_by: frozenset[Actor]
    lifted_by: frozenset[Actor]
    told: bool = True


_CENTRE: Final = frozenset({Actor.CENTRE})
_REGISTER: Final = frozenset({Actor.CENTRE, Actor.REGISTRY})
_IN_PERSON: Final = frozenset({Actor.CENTRE, Actor.OFFICER, Actor.HOTLINE})

RULES: Final[Mapping[LockReason, Rule]] = {
    LockReason.OWN_REQUEST: Rule(_IN_PERSON | {Actor.SUBJECT}, _IN_PERSON | {Actor.SUBJECT}),
    LockReason.TERMS_VIOLATED: Rule(_CENTRE, _CENTRE),
    LockReason.DOCUMENT_REVOKED: Rule(_REGISTER, _REGISTER),
    LockReason.DEATH: Rule(_REGISTER, frozenset(), told=False),
    LockReason.JUDICIAL_REQUEST: Rule(_CENTRE, _CENTRE),
    LockReason.RESIDENCE_EXPIRED: Rule(_REGISTER, _REGISTER),
    LockReason.ORGANISATION_SUSPENDED: Rule(_REGISTER, _REGISTER),
    LockReason.SECURITY_INCIDENT: Rule(_CENTRE, _CENTRE),
    LockReason.AGE: Rule(_REGISTER, _REGISTER),
    LockReason.OPERATOR: Rule(_CENTRE, _CENTRE),
}

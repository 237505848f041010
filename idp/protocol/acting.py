"""The two lines of the log that say who acted for whom: one in each person's history, each naming the other."""

from __future__ import annotations

from idp.domain.audit import ACTOR_ITEM, SUBJECT_ITEM, AuditEvent, AuditKind
from idp.domain.grant import Grant
from idp.domain.rich_requests import items_of


def told(grant: Grant, subject: str | None, actor: str, actor_acr: str | None) -> tuple[AuditEvent, ...]:
    """``subject`` and ``actor`` are accounts; somebody without one has no history here (RFC 8693 section 4.1)."""
    about = items_of(grant.authorization_details)
    whom = (SUBJECT_ITEM + subject,) if subject is not None else ()
    acted = AuditEvent(
        *(AuditKind.ACTED_FOR, actor, grant.client_id, grant.grant_id, actor_acr), (*whom, *about)
    )
    if subject is None:
        return (acted,)
    who = (ACTOR_ITEM + actor, *about)
    return (
        AuditEvent(AuditKind.DELEGATED, subject, grant.client_id, grant.grant_id, grant.acr, who),
        acted,
    )

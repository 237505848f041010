"""Who may do what with a dossier: the one place that endpoints and the officers' console ask.

A citizen reaches the own dossiers with the own token; a portal, without a person, those that it filed; an officer,
with the scope `registry:decide`, those of others. To everybody else no dossier exists: the answer is the same.
"""

from typing import Final

from population_registry.dossiers import Dossier, DossierRefusal, DossierRefused
from population_registry.verification.asking import Caller, require_scope
from population_registry.verification.refusals import Refusal, RefusalCode

SCOPE_DOSSIERS: Final = "registry:dossiers"
SCOPE_DECIDE: Final = "registry:decide"


def unknown() -> DossierRefused:
    """There is no such dossier, or it is not the caller's: the same answer."""
    return DossierRefused(DossierRefusal.UNKNOWN)


def require_person(caller: Caller) -> str:
    """The number of the signed-in person in whose name something is done.

    Raises:
        Refusal: `insufficient-scope`, `subject-token-required`.
    """
    require_scope(caller, SCOPE_DOSSIERS)
    if caller.person_number is None:
        raise Refusal(RefusalCode.SUBJECT_TOKEN_REQUIRED)
    return caller.person_number


def is_officer(caller: Caller) -> bool:
    """Whether the token is one of an officer or of the console for officers."""
    return SCOPE_DECIDE in caller.scopes


def require_officer(caller: Caller, person_id: int | None, dossier: Dossier | None = None) -> None:
    """An officer may act on this dossier; `person_id` is the officer as a citizen, where the token says who it is.

    Nobody decides about themselves.

    Raises:
        Refusal: `insufficient-scope`. DossierRefused: `dossier-officer`.
    """
    require_scope(caller, SCOPE_DECIDE)
    if dossier is not None and person_id in {dossier.applicant_id, *dossier.subject_ids}:
        raise DossierRefused(DossierRefusal.OFFICER, reason="own_dossier")


def may_read(caller: Caller, person_id: int | None, dossier: Dossier) -> bool:
    """Whether the caller may see the dossier."""
    if person_id is not None:
        return person_id == dossier.applicant_id or (
            is_officer(caller) and person_id not in dossier.subject_ids
        )
    return is_officer(caller) or (SCOPE_DOSSIERS in caller.scopes and caller.client_id == dossier.client_id)

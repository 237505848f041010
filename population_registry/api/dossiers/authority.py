"""Who may do what with a dossier: the one place that endpoints and the officers' console ask.

A citizen reaches the own dossiers with the own token; a portal, without a person, those that it filed; an officer,
with the scope `registry:decide`, those of others. To everybody else no dossier exists: the answer is the same.
"""

from collections.abc import Mapping
from typing import Final

from population_registry.dossiers import Dossier, DossierRefusal, DossierRefused
from population_registry.dossiers.codes import IDENTITY_AGENCY, RESIDENCE_AGENCY
from population_registry.operators.officers import Place, Power, Role, covers
from population_registry.operators.policy import Denial
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.procedures.insurance_people import INSURER_AGENCY
from population_registry.storage.dossiers import Opened
from population_registry.storage.officers import Known
from population_registry.verification.asking import Caller, require_scope
from population_registry.verification.refusals import Refusal, RefusalCode

SCOPE_DOSSIERS: Final = "registry:dossiers"
SCOPE_DECIDE: Final = "registry:decide"
_POLICE: Final = frozenset({RESIDENCE_AGENCY, IDENTITY_AGENCY})
DECIDES: Final[Mapping[str, Power]] = {
    RESIDENCE_AGENCY: Power.DECIDE_DOSSIER,
    IDENTITY_AGENCY: Power.DECIDE_DOSSIER,
    INSURER_AGENCY: Power.DECIDE_INSURANCE,
}
"""Whose officers the registry itself appoints, and with which power they decide the dossiers of their agency."""


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


def require_agreed(caller: Caller, dossier: Dossier) -> None:
    """A token that a person limited to one procedure or dossier opens no other (RFC 9396).

    Raises:
        Refusal: `outside-authorization-details`.
    """
    if caller.details is None:
        return
    for each in caller.details:
        if each.procedure == dossier.procedure_code and each.dossier in {None, dossier.code}:
            return
    raise Refusal(RefusalCode.OUTSIDE_AUTHORIZATION_DETAILS, member="dossier_code")


def opened_by(caller: Caller) -> Opened | None:
    """What a token that a person limited lets a list show: procedures, and single dossiers; None for everything."""
    if caller.details is None:
        return None
    return Opened(
        procedures=tuple({each.procedure for each in caller.details if each.dossier is None}),
        dossiers=tuple({each.dossier for each in caller.details if each.dossier is not None}),
    )


def is_officer(caller: Caller) -> bool:
    """Whether the token is one of an officer or of the console for officers."""
    return SCOPE_DECIDE in caller.scopes


def require_officer(
    caller: Caller,
    known: Known | None,
    person_id: int | None,
    dossier: Dossier,
    places: tuple[Place, ...],
) -> None:
    """The officer may act on this dossier: holds the office and its power, in whose territory it lies.

    `known` is the officer named; `person_id` the person of the token, where it has one; `places`: where the dossier
    lies. Nobody decides about themselves. The registry appoints the officers of its console, of the police and of the
    insurer, each for the dossiers of their own agency; where another authority's own back office brings the token and
    names somebody whom the registry does not know, that office answers for who acts.

    Raises:
        Refusal: `insufficient-scope`. DossierRefused: `dossier-officer`, with the reason.
    """
    require_scope(caller, SCOPE_DECIDE)
    concerned = {dossier.applicant_id, *dossier.subject_ids}
    if person_id in concerned or (known is not None and known.person_id in concerned):
        raise DossierRefused(DossierRefusal.OFFICER, reason=Denial.OWN_RECORD.value)
    procedure = PROCEDURES.get(dossier.procedure_code)
    police = procedure is None or procedure.code_agency in _POLICE
    # A back office decides its own dossiers: an insurer's names no officer of the police, nor the other way round.
    body = RESIDENCE_AGENCY if procedure is None else procedure.code_agency
    ministry = None if caller.agency_code is None else caller.agency_code.partition(".")[0]
    if ministry is not None and ministry != body.partition(".")[0]:
        raise DossierRefused(DossierRefusal.OFFICER, reason="no_office")
    if (known is None and not police) or body not in DECIDES:
        return
    if known is None or (person_id is not None and person_id != known.person_id):
        raise DossierRefused(DossierRefusal.OFFICER, reason="no_office")
    if DECIDES[body] not in known.officer.powers:
        raise DossierRefused(DossierRefusal.OFFICER, reason=Denial.NO_POWER.value)
    if procedure is not None and procedure.centre and known.officer.role is not Role.CENTRE_OFFICER:
        raise DossierRefused(DossierRefusal.OFFICER, reason=Denial.NO_POWER.value)
    if not covers(known.officer, places):
        raise DossierRefused(DossierRefusal.OFFICER, reason=Denial.OUT_OF_AREA.value)


def may_read(caller: Caller, person_id: int | None, dossier: Dossier) -> bool:
    """Whether a citizen or a portal may see the dossier."""
    if person_id is not None:
        return person_id == dossier.applicant_id
    return SCOPE_DOSSIERS in caller.scopes and caller.client_id == dossier.client_id

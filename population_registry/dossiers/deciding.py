"""The decision: checks and consents judged anew on the facts of this moment, then changes and state 9, or nothing.

Between filing and decision people die, are locked, sell the dwelling: what held at filing decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from population_registry.domain import PersonStatus
from population_registry.dossiers.acts import Moment, add, given_back
from population_registry.dossiers.changes import Change
from population_registry.dossiers.checks import Check, CheckFlag, from_rule
from population_registry.dossiers.consents import Consent, ask, complete
from population_registry.dossiers.dossier import Decision, Dossier, Filing, Form
from population_registry.dossiers.procedure import Case, Procedure
from population_registry.dossiers.refusing import DossierRefusal, DossierRefused
from population_registry.dossiers.states import DossierState


@dataclass(frozen=True, slots=True)
class Decided:
    """The dossier after the decision and what it writes into the registry."""

    dossier: Dossier
    changes: tuple[Change, ...] = ()


def all_checks(procedure: Procedure, case: Case) -> tuple[Check, ...]:
    """The conditions of every dossier, then those of the procedure.

    The applicant lives, is Vietnamese and holds a number that stands; an e-identity locked meanwhile (own request,
    authority) carries no decision on what was filed with it. Nobody applies where the authority acts by itself.
    """
    checks: list[Check] = []
    if case.filing is not Filing.EX_OFFICIO:
        status = case.applicant.person.status
        holds = status is PersonStatus.ACTIVE
        checks.append(from_rule("applicant_standing", holds=holds, why=status.value))
    if case.filing is Filing.ONLINE:
        held = case.applicant.person.person_id in case.held
        checks.append(from_rule("account_open", holds=not held, why="account_locked"))
    return (*checks, *procedure.checks(case))


def approve(
    procedure: Procedure,
    dossier: Dossier,
    case: Case,
    moment: Moment,
    *,
    reason: str,
    confirmed: Sequence[str],
) -> Decided:
    """4 → 9 with the changes of the procedure.

    `confirmed`: codes of open checks that the officer has seen to and answers for by name.

    Raises:
        DossierRefused: `dossier-state`; `dossier-checks`, some fail, or are open and not confirmed;
            `dossier-consents`, somebody who must agree now (a new owner, say) has not.
    """
    if dossier.state is not DossierState.PROCESSING:
        raise DossierRefused(DossierRefusal.STATE, state=dossier.state.value)
    checks = all_checks(procedure, case)
    failed = [c for c in checks if c.flag is CheckFlag.FAIL]
    opened = [c for c in checks if c.flag is CheckFlag.UNKNOWN]
    refusing = failed or [c for c in opened if c.code not in confirmed]
    if refusing:
        raise DossierRefused(DossierRefusal.CHECKS, checks=[c.document() for c in refusing])
    needs = procedure.consents(case)
    standing = [each for each in dossier.consents if not _by_locked(each, case.held)]
    if not complete(ask(needs, standing, moment.entered_at)):
        raise DossierRefused(DossierRefusal.CONSENTS)
    outcome = procedure.outcome(case)
    answered_for = tuple(sorted({c.code for c in opened}))
    decision = Decision(True, moment.by, moment.occurred_at, reason, answered_for)
    done = add(
        dossier,
        "approve",
        moment,
        DossierState.DONE,
        form=outcome.form,
        detail={"reason": reason, "confirmed": list(answered_for)},
        decision=decision,
        result=dict(outcome.result),
    )
    return Decided(done, outcome.changes)


def _by_locked(consent: Consent, held: frozenset[int]) -> bool:
    """Whether it was given with an e-identity that is locked now: as long as it is, nobody knows who agreed.

    What an officer saw signed or heard said (Decree 58/2026 Art. 4(5)) stands whatever becomes of an account.
    """
    return consent.own_act and consent.need.person_id in held


def refuse(dossier: Dossier, moment: Moment, reason: str) -> Decided:
    """4 → 9 with CT06: a reasoned refusal is a result as well; what was paid is to be given back."""
    if dossier.state is not DossierState.PROCESSING:
        raise DossierRefused(DossierRefusal.STATE, state=dossier.state.value)
    done = add(
        dossier,
        "refuse",
        moment,
        DossierState.DONE,
        form=Form.REFUSAL,
        detail={"reason": reason},
        decision=Decision(False, moment.by, moment.occurred_at, reason),
        fee=given_back(dossier.fee),
    )
    return Decided(done)

"""The verification itself: (permitted question, facts, policy) → Decision. Pure; no clock, no chance, no socket.

Unknown number, wrong name, wrong birth date and a death the caller may not know give the very same answer,
reached by the very same steps: where nobody was found, a stand-in is judged and the flags are thrown away
afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

from population_registry.domain import (
    AccessEntry,
    FieldUse,
    FoundBy,
    MaritalStatus,
    PartialDate,
    Person,
    PersonalNumber,
    PersonFacts,
    PersonName,
    PersonStatus,
    RegistryFacts,
    Sex,
    Spend,
)
from population_registry.matching import Gazetteer, Successors
from population_registry.verification.answers import (
    ClaimResult,
    Flag,
    Identity,
    Results,
    Why,
    unknown,
)
from population_registry.verification.asking import Caller
from population_registry.verification.authorising import Permitted
from population_registry.verification.claims import CLAIMS, EXPLAINING, IDENTIFYING, Scene
from population_registry.verification.guessing import NUMBER, BudgetPolicy, judge_tries

VIET_NAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

_NO_PLACES = Gazetteer()
_STAND_IN = PersonFacts(
    Person(
        person_id=0,
        number=PersonalNumber("099000000000"),
        name=PersonName("Nguyễn", "Văn", "Không"),
        birth=PartialDate(1900, 1, 1),
        sex=Sex.MALE,
        nationality="VN",
        marital_status=MaritalStatus.UNKNOWN,
        status=PersonStatus.ACTIVE,
    ),
    FoundBy.CURRENT,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What only the outside has: the moment, and fresh random identifiers."""

    now: datetime
    verification_id: UUID
    receipt_id: UUID
    entry_ids: Sequence[UUID]
    correlation_id: str

    @property
    def today(self) -> date:
        """The calendar day in Việt Nam."""
        return self.now.astimezone(VIET_NAM).date()


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator of the registry may set: the guessing budget; and the maps of both times."""

    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    successors: Successors = field(default_factory=Successors)
    places: Gazetteer = field(default_factory=Gazetteer)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one verification and everything to write before it leaves."""

    identity: Identity
    results: Results
    subject: PersonFacts | None
    """Whom the answer is about; None unless established. Never leaves the service."""
    entries: tuple[AccessEntry, ...]
    spends: tuple[Spend, ...]


def decide(
    permitted: Permitted,
    caller: Caller,
    facts: RegistryFacts,
    tries: Sequence[Spend],
    stamp: Stamp,
    policy: Policy,
) -> Decision:
    """Judge every claim, decide whether the person is established, withhold what may not be said."""
    judged = judge_tries(tries, facts.tried, policy.budget)
    identity, results = weigh(
        permitted, facts, stamp.today, policy.successors, judged.exhausted, policy.places
    )
    return Decision(
        identity,
        results,
        facts.subject if identity is Identity.ESTABLISHED else None,
        _entries(permitted, caller, facts, identity, results, stamp),
        judged.spends,
    )


def weigh(
    permitted: Permitted,
    facts: RegistryFacts,
    today: date,
    successors: Successors,
    exhausted: frozenset[str] = frozenset(),
    places: Gazetteer = _NO_PLACES,
) -> tuple[Identity, dict[str, ClaimResult]]:
    """What is said about one person: the rule of a single question and of every row of a batch."""
    found = facts.subject
    subject = found or _STAND_IN
    scene = Scene(facts, subject, today, successors, places=places)
    flags = _judge_all(permitted, scene)
    flags |= {
        name: unknown(Why.BUDGET_EXHAUSTED, len(flags[name].members)) for name in exhausted & flags.keys()
    }
    hidden = _must_hide(subject, permitted)
    known = found is not None and not hidden
    agrees = permitted.is_self or (NUMBER not in exhausted and _identified(flags))
    established = known and agrees
    if established:
        identity = Identity.ESTABLISHED
    elif permitted.told and not known:
        identity = Identity.NO_SUCH_PERSON
    else:
        identity = Identity.NOT_ESTABLISHED
    results = flags if established else _withhold(flags, exhausted, told=permitted.told and known)
    if established:
        results |= _number_result(subject)
    return identity, results


def _judge_all(permitted: Permitted, scene: Scene) -> dict[str, ClaimResult]:
    granted = permitted.procedure.details
    detailed = replace(scene, details=True) if granted else scene
    return {
        name: CLAIMS[name].judge(value, detailed if name in granted else scene)
        for name, value in permitted.values.items()
    }


def _must_hide(subject: PersonFacts, permitted: Permitted) -> bool:
    """A death is known only to those whose procedure may ask whether the person is alive."""
    return (
        subject.person.status is PersonStatus.DECEASED
        and not permitted.told
        and "alive" not in permitted.procedure.verifiable
    )


def _identified(flags: Mapping[str, ClaimResult]) -> bool:
    """Name and birth date agree; at most one of them only closely."""
    identifying = [flags[name].flag for name in IDENTIFYING if name in flags]
    return (
        len(identifying) == len(IDENTIFYING)
        and all(flag in {Flag.MATCH, Flag.CLOSE} for flag in identifying)
        and Flag.MATCH in identifying
    )


def _withhold(
    flags: Mapping[str, ClaimResult], exhausted: frozenset[str], *, told: bool
) -> dict[str, ClaimResult]:
    """Nothing, where the person is not established; only the identifying flags for those with the right to know.

    That a budget is exhausted depends on what the caller tried, never on who exists, so it may be said.
    """
    said = {*exhausted, *(IDENTIFYING if told else ())}
    if told and exhausted.isdisjoint({NUMBER, *IDENTIFYING}):
        said |= EXPLAINING
    return {
        name: result if name in said else unknown(Why.IDENTITY_NOT_ESTABLISHED, len(result.members))
        for name, result in flags.items()
    }


def _number_result(subject: PersonFacts) -> dict[str, ClaimResult]:
    """What the caller must know of the number asked with; nothing while it is the person's own and stands."""
    if subject.person.status is PersonStatus.NUMBER_CANCELLED:
        return {"number": ClaimResult(Flag.MISMATCH, (Why.NUMBER_CANCELLED.value,))}
    if subject.found_by is not FoundBy.CURRENT:
        return {"number": ClaimResult(Flag.CLOSE, (Why.NUMBER_REPLACED.value,))}
    return {}


def _entries(
    permitted: Permitted,
    caller: Caller,
    facts: RegistryFacts,
    identity: Identity,
    results: Results,
    stamp: Stamp,
) -> tuple[AccessEntry, ...]:
    """One row about the subject (also when nobody was found), one for every other person who was judged."""
    fields = {permitted.question.number: _used(permitted, results)}
    if identity is Identity.ESTABLISHED:
        for name, value in permitted.values.items():
            for number in CLAIMS[name].others(value):
                if facts.get(number) is not None and number != permitted.question.number:
                    fields.setdefault(number, {})[name] = FieldUse.VERIFIED
    context = permitted.question.context
    rows = []
    for entry_id, (number, used) in zip(stamp.entry_ids, fields.items(), strict=False):
        person = facts.get(number)
        rows.append(
            AccessEntry(
                entry_id=entry_id,
                at=stamp.now,
                subject_id=None if person is None else person.person.person_id,
                client_id=caller.client_id,
                agency=caller.agency,
                officer=context.officer or caller.actor,
                purpose=context.purpose,
                procedure_code=context.procedure_code,
                dossier_code=context.dossier_code,
                fields=used,
                outcome=identity.value,
                receipt_id=stamp.receipt_id,
                correlation_id=stamp.correlation_id,
            )
        )
    return tuple(rows)


def _used(permitted: Permitted, results: Results) -> dict[str, FieldUse]:
    """What happened to the subject's fields: a value that leaves is released, under the name a release gives it."""
    used = dict.fromkeys(permitted.values, FieldUse.VERIFIED)
    for name in permitted.values:
        detail = results[name].detail
        if detail is not None and detail.field is not None:
            del used[name]
            used[detail.field] = FieldUse.RELEASED
    return used

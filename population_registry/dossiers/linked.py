"""Linked procedures (liên thông): one dossier of a citizen, several bodies behind it. Pure.

Sources: Decree 63/2024/NĐ-CP, insurance.md section 7. The citizen's dossier is the umbrella; each body gets a
part, a dossier of its own that names the umbrella. `advance` looks at all of them and says what is due now: parts
to open, results to bring back, alarms to raise, the end. It may be asked at any moment and as often as one likes:
what was done is in the umbrella's history, so work that broke off between two steps goes on where it stood.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from population_registry.dossiers.acts import SYSTEM, Moment, add, given_back, refuse_intake, stop
from population_registry.dossiers.dossier import Decision, Dossier, Form
from population_registry.dossiers.states import ENDED, OPEN, DossierState
from population_registry.dossiers.working_hours import after_working_hours

ACKNOWLEDGED_WITHIN: Final = timedelta(hours=2)
"""Working time in which each receiver confirms that it has the dossier."""
SYNCHRONISED_WITHIN: Final = timedelta(minutes=10)
"""Time in which a result reaches the citizen's dossier."""
WITHDRAWN: Final = "withdrawn"
WHOLE_ENDED: Final = "linked_dossier_ended"
CERTIFICATE_ERROR: Final = "certificate_error"
"""The reason with which a receiver returns its part: the certificate it was sent is wrong."""
OPENED, PART, ALARM = "open_part", "part", "alarm"
"""Acts in the umbrella's history."""
S = DossierState

Results = Mapping[str, Mapping[str, Any]]
"""What each approved part answered, by the part's name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One body's share: its procedure, the parts that must be approved before, its inputs from what is known then.

    `needed` parts carry the whole: when one is refused the umbrella is refused. `corrects` is opened only when a
    receiver returned its part; the returned parts are opened anew after it.
    """

    name: str
    procedure_code: str
    inputs: Callable[[Mapping[str, Any], Results], Mapping[str, Any]]
    after: tuple[str, ...] = ()
    needed: bool = False
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A part to be opened now with these inputs."""

    part: Part
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Advanced:
    """The umbrella after all steps that are due, the parts to open with it, and those that are over with it."""

    umbrella: Dossier
    orders: tuple[Order, ...] = ()
    stopped: tuple[Dossier, ...] = ()
    """Undecided parts as they are after their end."""


def advance(umbrella: Dossier, parts: Sequence[Part], dossiers: Sequence[Dossier], now: datetime) -> Advanced:
    """Every step that is due at that moment; nothing to do gives the umbrella back as it was.

    `dossiers` are those that name the umbrella, in the order of their filing.
    """
    moment = Moment(now, now, SYSTEM)
    if umbrella.state in ENDED or umbrella.state is S.DONE:
        return Advanced(umbrella, stopped=_stop_all(dossiers, moment))
    if umbrella.state is S.WITHDRAWAL_ASKED:
        return Advanced(stop(umbrella, moment, WITHDRAWN), stopped=_stop_all(dossiers, moment))
    umbrella = _bring_back(umbrella, parts, dossiers, moment)
    umbrella = _alarms(umbrella, parts, dossiers, moment)
    if umbrella.state is not S.PROCESSING:
        return Advanced(umbrella)
    latest = _latest(parts, dossiers)
    results = {
        part.name: dossier.result
        for part in parts
        if (dossier := latest.get(part.name)) is not None and _approved(dossier)
    }
    refused = [part for part in parts if part.needed and _refused(latest.get(part.name))]
    if refused:
        ended = _end(umbrella, moment, approved=False, result={}, reason=f"{refused[0].name}_refused")
        return Advanced(ended, stopped=_stop_all(dossiers, moment))
    orders = [
        Order(part, part.inputs(umbrella.inputs, results))
        for part in parts
        if _due(part, parts, latest) and all(name in results for name in part.after)
    ]
    for order in orders:
        detail = {"part": order.part.name, "procedure_code": order.part.procedure_code}
        umbrella = add(umbrella, OPENED, moment, detail=detail)
    if not orders and _all_over(parts, latest):
        told = {name: dict(result) for name, result in results.items()}
        told |= {part.name: {"refused": True} for part in parts if _lost(part, parts, latest)}
        return Advanced(_end(umbrella, moment, approved=True, result=told, reason="parts_done"))
    return Advanced(umbrella, tuple(orders))


def _stop_all(dossiers: Sequence[Dossier], moment: Moment) -> tuple[Dossier, ...]:
    """What nobody has decided ends with the whole; what was decided stands."""
    return tuple(
        refuse_intake(each, moment, WHOLE_ENDED)
        if each.state is S.SUBMITTED
        else stop(each, moment, WHOLE_ENDED)
        for each in dossiers
        if each.state in OPEN
    )


def _latest(parts: Sequence[Part], dossiers: Sequence[Dossier]) -> dict[str, Dossier]:
    codes = {part.procedure_code: part.name for part in parts}
    return {codes[each.procedure_code]: each for each in dossiers if each.procedure_code in codes}


def _approved(dossier: Dossier) -> bool:
    return dossier.decision is not None and dossier.decision.approved


def _refused(dossier: Dossier | None) -> bool:
    """Refused in substance, not received, or stopped for another reason than a wrong certificate."""
    if dossier is None or _returned(dossier):
        return False
    decided = dossier.decision is not None and not dossier.decision.approved
    return decided or dossier.state in {S.NOT_RECEIVED, S.STOPPED}


def _returned(dossier: Dossier | None) -> bool:
    """Given back because the certificate is wrong."""
    return (
        dossier is not None
        and dossier.state in {S.NOT_RECEIVED, S.STOPPED}
        and dossier.history[-1].detail.get("reason") == CERTIFICATE_ERROR
    )


def _lost(part: Part, parts: Sequence[Part], latest: Mapping[str, Dossier]) -> bool:
    """Over without a result: refused, or given back and the office did not correct."""
    mine = latest.get(part.name)
    if not _returned(mine):
        return _refused(mine)
    assert mine is not None
    tried = [latest[each.name] for each in parts if each.corrects and each.name in latest]
    return any(_refused(each) and each.filed_at >= mine.filed_at for each in tried)


def _due(part: Part, parts: Sequence[Part], latest: Mapping[str, Dossier]) -> bool:
    """Whether the part must be opened: never opened, or returned and corrected since."""
    mine = latest.get(part.name)
    returned = [each for each in latest.values() if _returned(each)]
    if part.corrects:
        return bool(returned) and (mine is None or mine.filed_at < max(each.filed_at for each in returned))
    if mine is None:
        return True
    if not _returned(mine):
        return False
    corrected = [latest[each.name] for each in parts if each.corrects and each.name in latest]
    return any(_approved(each) and each.filed_at >= mine.filed_at for each in corrected)


def _all_over(parts: Sequence[Part], latest: Mapping[str, Dossier]) -> bool:
    """Whether every body has answered, and no correction is under way."""
    for part in parts:
        mine = latest.get(part.name)
        if mine is None and part.corrects:
            continue
        if mine is None or not (_approved(mine) or _lost(part, parts, latest)):
            return False
    return True


def _bring_back(
    umbrella: Dossier, parts: Sequence[Part], dossiers: Sequence[Dossier], moment: Moment
) -> Dossier:
    """One line for each state of a part that the citizen's dossier does not show yet; late ones raise an alarm."""
    names = {part.procedure_code: part.name for part in parts}
    shown = {
        (event.detail.get("dossier_code"), event.detail.get("state"))
        for event in umbrella.history
        if event.act == PART
    }
    for dossier in dossiers:
        if dossier.procedure_code not in names or (dossier.code, dossier.state.value) in shown:
            continue
        about = {"part": names[dossier.procedure_code], "dossier_code": dossier.code}
        said = about | {"state": dossier.state.value}
        umbrella = add(umbrella, PART, moment, detail=said)
        since = dossier.history[-1].entered_at
        if dossier.state is not S.SUBMITTED and moment.entered_at - since > SYNCHRONISED_WITHIN:
            umbrella = _alarm(umbrella, moment, about | {"alarm": "not_synchronised"})
    return umbrella


def _alarms(umbrella: Dossier, parts: Sequence[Part], dossiers: Sequence[Dossier], moment: Moment) -> Dossier:
    """Receivers that did not confirm within two working hours, each once."""
    names = {part.procedure_code: part.name for part in parts}
    raised = {
        event.detail.get("dossier_code")
        for event in umbrella.history
        if event.act == ALARM and event.detail.get("alarm") == "not_acknowledged"
    }
    for dossier in dossiers:
        waiting = dossier.state is S.SUBMITTED and dossier.procedure_code in names
        if not waiting or dossier.code in raised:
            continue
        if moment.entered_at > after_working_hours(dossier.filed_at, ACKNOWLEDGED_WITHIN):
            about = {"part": names[dossier.procedure_code], "dossier_code": dossier.code}
            umbrella = _alarm(umbrella, moment, about | {"alarm": "not_acknowledged"})
    return umbrella


def _alarm(umbrella: Dossier, moment: Moment, detail: Mapping[str, Any]) -> Dossier:
    return add(umbrella, ALARM, moment, detail=detail)


def _end(
    umbrella: Dossier, moment: Moment, *, approved: bool, result: Mapping[str, Any], reason: str
) -> Dossier:
    """4 → 9: the citizen has one result for all parts."""
    decision = Decision(approved, moment.by, moment.occurred_at, reason)
    done = add(
        umbrella,
        "approve" if approved else "refuse",
        moment,
        S.DONE,
        form=Form.NOTICE if approved else Form.REFUSAL,
        detail={"reason": reason},
        decision=decision,
        result=dict(result),
    )
    return done if approved else replace(done, fee=given_back(done.fee))

"""The last step, whoever files: the dossier goes to the registry with the token of this one agreement."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from clients.dpop import HeldToken
from clients.one_stop_portal.cases import FILED, Case, kept, learnt
from clients.portal_kit.dossiers import Dossier
from clients.portal_kit.linked import LinkedPart, parts_of
from clients.portal_kit.portal import Portal
from clients.portal_kit.refusals import REFUSALS
from clients.portal_kit.registry import RegistryRefused

TAKEN = frozenset({"dossier-code-taken", "dossier-duplicate"})


async def filed(portal: Portal, keeper: str, case: Case, token: HeldToken) -> Case:
    """The case with its dossier; pressed twice it is filed once. Raises as the registry's client."""
    try:
        dossier = await portal.dossiers.file(
            token,
            code=case.code,
            procedure_code=case.service_code,
            purpose=case.service.purpose,
            inputs=case.service.to_file(case.inputs),
        )
    except RegistryRefused as refusal:
        same = refusal.code in TAKEN and refusal.said.get("dossier_code") in {None, case.code}
        if not same:
            raise
        dossier = await portal.dossiers.one(token, case.code)
    details = {
        "personal_number": case.number,
        "answers": case.answers,
        "inputs": case.inputs,
        "own": case.own,
    }
    await portal.filed.keep(dossier, keeper, details=details, receipts=())
    return await kept(portal, replace(case, stage=FILED, request="", dossier=said(dossier)))


async def refreshed(portal: Portal, case: Case) -> Case:
    """A filed case as the registry has it now; while that does not answer, as it was said last."""
    if case.stage != FILED:
        return case
    with suppress(*REFUSALS):
        dossier = await portal.dossiers.one(await portal.own_token(), case.code)
        if said(dossier) != case.dossier:
            return await learnt(portal, case, dossier=said(dossier))
    return case


def said(dossier: Dossier) -> dict[str, Any]:
    """What the pages of a case show of a dossier."""
    return {
        "state": int(dossier.state),
        "filed_at": dossier.submitted_at.isoformat(),
        "due_on": None if dossier.due_on is None else dossier.due_on.isoformat(),
        "fee": dossier.fee.amount,
        "approved": None if dossier.decision is None else dossier.decision.approved,
        "consents": [{"role": each.role, "state": each.state} for each in dossier.consents],
        "parts": [part_said(part) for part in parts_of(dossier)],
    }


def part_said(part: LinkedPart) -> dict[str, Any]:
    """One body's share of a linked dossier: where it stands, and a child's new number."""
    ended = "refused" if part.refused else "done" if part.done else ""
    state = None if part.state is None else int(part.state)
    return {"name": part.name, "ended": ended, "state": state, "child": part.result.get("child", "")}

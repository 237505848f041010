"""What only the centre decides: asked for, forwarded, approved or rejected (Decree 69/2024, Arts. 16-18)."""

from dataclasses import asdict
from datetime import UTC, datetime
from secrets import token_urlsafe

from idp.accounts import acts, cases
from idp.accounts.acts import Act
from idp.accounts.cases import Case, CaseKind
from idp.accounts.life import Actor, CloseReason, LockReason, NotAllowed
from idp.accounts.officers import Deed
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Conflict, Decision
from idp.domain.needs import Needs
from idp.domain.writes import KeepCase
from idp.endpoints.operating.work import Work


async def request(work: Work, account: Account) -> dict[str, object]:
    """Ask; nothing happens to the account yet."""
    order, officer = work.order, work.officer.account_id
    kind = CaseKind(order.kind)
    case = Case(token_urlsafe(16), account.account_id, kind, order.reason, order.file, officer, work.now)
    event = AuditEvent(AuditKind.CASE_REQUESTED, account.account_id, claims=work.items, reason=order.reason)
    await work.services.loop.committing.commit(Decision(None, (KeepCase(**asdict(case)),), (event,)))
    return document_of(case)


async def queue(work: Work) -> dict[str, object]:
    """What waits, the oldest first: whom it is about, and whether this officer asked for it or forwarded it."""
    waiting = []
    for case in await work.services.own.open_cases():
        account = (await work.services.loop.loading.load(Needs(account_id=case.account_id))).account
        if account is None or account.account_id == work.officer.account_id:
            continue
        mine = work.officer.account_id in {case.requested_by, case.forwarded_by}
        own = case.requested_by == case.account_id
        waiting.append({**document_of(case), "number": account.personal_number, "mine": mine, "own": own})
    return {"cases": waiting}


async def decide(work: Work) -> dict[str, object]:
    """Forward, approve or reject; what was approved is true when this answers."""
    case = await work.services.own.case(work.order.case_id)
    if case is None:
        raise NotAllowed("no_case")
    officer = work.officer.account_id
    if case.account_id == officer:
        raise NotAllowed("own_account")
    if work.order.deed is Deed.FORWARD:
        return await _noted(work, case, cases.forward(case, officer, work.actor), AuditKind.CASE_FORWARDED)
    approve = work.order.deed is Deed.APPROVE
    after = cases.decide(case, officer, work.actor, work.now, approve=approve)
    if not approve:
        return await _noted(work, case, after, AuditKind.CASE_REJECTED)
    beside = KeepCase(**asdict(after), replaces=case.state.value)
    life = await work.services.lives.apply(case.account_id, decided(case, work.items), beside=beside)
    return {**document_of(after), "status": life.status if life is not None else ""}


async def _noted(work: Work, before: Case, after: Case, kind: AuditKind) -> dict[str, object]:
    write = KeepCase(**asdict(after), replaces=before.state.value)
    event = AuditEvent(kind, after.account_id, claims=work.items, reason=after.reason)
    kept = await work.services.loop.committing.commit(Decision(None, (write,), (event,)))
    if isinstance(kept, Conflict):
        raise NotAllowed("case_changed")
    return document_of(after)


def decided(case: Case, items: tuple[str, ...]) -> Act:
    """What an approved case does."""
    if case.kind is CaseKind.CLOSE:
        return acts.close(CloseReason.OWN_REQUEST, Actor.CENTRE, items)
    reason = case.reason if case.reason is not None else LockReason.OPERATOR
    made = acts.lock if case.kind is CaseKind.LOCK else acts.unlock
    return made(reason, Actor.CENTRE, items)


def document_of(case: Case) -> dict[str, object]:
    """A case as JSON; the account it is about is named by nothing here."""
    return {
        "case_id": case.case_id,
        "kind": case.kind,
        "reason": case.reason,
        "case": case.file,
        "state": case.state,
        "requested_at": datetime.fromtimestamp(case.requested_at, UTC).isoformat(),
    }

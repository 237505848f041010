"""What somebody stands at the desk for: their account issued, raised, opened again, looked at, locked, unlocked."""

from datetime import datetime
from secrets import token_urlsafe
from typing import Final

from idp.accounts import acts, life_cycle
from idp.accounts.holding import Applicant, may_hold
from idp.accounts.life import LockReason, NotAllowed
from idp.accounts.officers import Malformed
from idp.authentication import requesting
from idp.domain import paths
from idp.domain.account import Account, AccountType
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.link import LinkPurpose
from idp.domain.needs import Needs
from idp.domain.writes import SendMail
from idp.endpoints.operating.on_cases import document_of
from idp.endpoints.operating.work import Work
from idp.ports import NewAccount
from web.formatting import VIETNAM

UNUSABLE: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""A hash that no password has been found for: the step costs what every password step costs."""


async def look(work: Work, account: Account) -> dict[str, object]:
    """How the account stands, why it is locked, which requests there are; the person finds the look in their log."""
    event = AuditEvent(AuditKind.ACCOUNT_LOOKED_AT, account.account_id, claims=work.items)
    await work.services.loop.committing.commit(Decision(None, (), (event,)))
    life = await work.services.lives.standing(account.account_id)
    cases = await work.services.own.cases(account.account_id)
    return {
        "status": account.status,
        "level": account.level,
        "kind": account.account_type,
        "lock_reasons": sorted(life.reasons) if life is not None else [],
        "cases": [document_of(each) for each in cases],
    }


async def lock(work: Work, account: Account) -> dict[str, object]:
    """At the person's own request, at once (domain facts, section 5)."""
    return await work.apply(account, acts.lock(LockReason.OWN_REQUEST, work.actor, work.items))


async def unlock(work: Work, account: Account) -> dict[str, object]:
    """Lift the person's own lock; whatever else locks stays."""
    return await work.apply(account, acts.unlock(LockReason.OWN_REQUEST, work.actor, work.items))


async def issue(work: Work, account: Account | None) -> dict[str, object]:
    """A level-2 account, or the raise of one that is there (Decree 69/2024, Arts. 11, 12)."""
    order, services = work.order, work.services
    profile = await services.registry.profile(order.number)
    if profile is None:
        raise NotAllowed("person_unknown")
    card, born = profile.get("registry_card"), str(profile.get("birthdate", ""))
    today = datetime.fromtimestamp(work.now, VIETNAM).date()
    expires = card.get("expires") if isinstance(card, dict) else None
    valid = isinstance(card, dict) and (not isinstance(expires, str) or expires >= today.isoformat())
    whole = datetime.fromisoformat(born).date() if len(born) == len("yyyy-mm-dd") else None
    may_hold(Applicant(AccountType.CITIZEN, whole, has_card=valid, represented=True), 2, today)
    if account is not None:
        return await _raised(work, account)
    account_id = token_urlsafe(16)
    life = life_cycle.issue(life_cycle.requested(AccountType.CITIZEN, 2), work.now)
    secret, link = requesting.activation(work.fresh, account_id, work.now)
    new = NewAccount(account_id, order.number, UNUSABLE, order.email, order.phone, items=work.items)
    if not await services.issuing.issue(new, life, link, _notice(work, order.email, secret)):
        raise NotAllowed("account_exists")
    return _handed(work, {"status": life.status, "level": life.level}, order.email, secret)


async def _raised(work: Work, account: Account) -> dict[str, object]:
    """Level 2 for the person who stands there, whoever opened the account: nothing from before opens it."""
    order = work.order
    if order.email is None:
        raise Malformed("email")
    deed = acts.upgrade(work.actor, work.items)
    contacts = {"email": order.email} | ({"phone": order.phone} if order.phone else {})
    await work.services.lives.apply(account.account_id, deed, contacts=contacts, anew=UNUSABLE)
    if not account.usable:
        return await reopen(work, account)
    return {"status": account.status, "level": 2, **await recover(work, account)}


async def reopen(work: Work, account: Account) -> dict[str, object]:
    """Seven more days for the activation (Art. 14)."""
    secret, link = requesting.activation(work.fresh, account.account_id, work.now)
    deed = acts.renotice(work.actor, work.now, work.items)
    email = await _email(work, account)
    await work.services.issuing.link(account.account_id, deed, link, _notice(work, email, secret))
    return _handed(work, {"status": "issued", "level": account.level}, email, secret)


async def recover(work: Work, account: Account) -> dict[str, object]:
    """A link that sets a new password now; without a mailbox it is answered once, to be printed."""
    if not account.usable:
        raise NotAllowed(f"account_{account.status}")
    services = work.services
    ends = work.now + services.policy.recovery_lifetime
    secret, link = requesting.made(work.fresh, LinkPurpose.RECOVER, ends, account_id=account.account_id)
    email = await _email(work, account)
    there = f"{services.settings.issuer}{paths.RECOVER}/continue?t={secret}"
    mail = SendMail(email, "recovery_in_person", account.locale, (("link", there),)) if email else None
    await services.issuing.link(account.account_id, acts.recover(work.items), link, mail)
    return {"mailed": True} if email else {"mailed": False, "link": there}


async def contact(work: Work, account: Account) -> dict[str, object]:
    """Another mailbox or phone; told to the former mailbox, sessions end (domain facts, section 11)."""
    contacts = {"email": work.order.email, "phone": work.order.phone}
    given = {name: value for name, value in contacts.items() if value is not None}
    if not given:
        raise Malformed("email")
    life = await work.services.lives.apply(account.account_id, acts.contact(work.items), contacts=given)
    return {"status": life.status if life is not None else "", "changed": sorted(given)}


async def _email(work: Work, account: Account) -> str | None:
    needs = Needs(account_id=account.account_id, credentials=True)
    held = (await work.services.loop.loading.load(needs)).credentials
    return held.email if held is not None else None


def _notice(work: Work, email: str | None, secret: str) -> SendMail | None:
    if email is None:
        return None
    values = (("link", _link(work, secret)), ("days", "7"))
    return SendMail(email, "account_issued", "vi", values)


def _handed(work: Work, document: dict[str, object], email: str | None, secret: str) -> dict[str, object]:
    """Without a mailbox the link is printed for the person, this once."""
    if email is not None:
        return document | {"mailed": True}
    return document | {"mailed": False, "link": _link(work, secret)}


def _link(work: Work, secret: str) -> str:
    return f"{work.services.settings.issuer}{paths.ACTIVATE}?t={secret}"

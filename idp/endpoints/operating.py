"""``/eid/v1/acts``: what an officer's console asks for, with the officer's own token of scope ``eid:operate``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING, ClassVar, Final

from idp.accounts import acts, cases, life_cycle
from idp.accounts.acts import Act, recorded
from idp.accounts.cases import Case, CaseKind
from idp.accounts.holding import Applicant, may_hold
from idp.accounts.life import Actor, CloseReason, LockReason, NotAllowed
from idp.accounts.officers import Deed, Malformed, Order, actor_of, read_order
from idp.authentication import requesting
from idp.domain import paths
from idp.domain.account import Account, AccountType
from idp.domain.assurance import BY_ACR
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Conflict, Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts, Fresh
from idp.domain.link import LinkPurpose
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.writes import KeepCase, SendMail
from idp.endpoints import answers, possession
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange, TooLarge
from idp.ports import NewAccount
from idp.protocol import rfc6750_bearer
from idp.protocol.rfc6750_bearer import BearerRequest
from keys import strict_json
from web.formatting import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from idp.shell import Services

SCOPE: Final = "eid:operate"
LONGEST: Final = 4_096
TWO_FACTORS: Final = 2


async def act(exchange: Exchange) -> Answer:
    """One act; 200 with how the account stands, 400 for what cannot be read, 409 with a code for what may not be."""
    try:
        officer, now, fresh = await officer_of(exchange)
        order = read_order(await document_of(exchange))
        actor = actor_of(officer.role)
        return answers.json(200, await Operating(exchange.services, officer, actor, now, fresh).done(order))
    except ProtocolError as refused:
        return answers.refused(refused)
    except Malformed as wrong:
        return answers.json(400, {"error": "invalid_request", "error_description": f"member {wrong}"})
    except NotAllowed as refused:
        return answers.json(409, {"error": refused.code, "error_description": "not allowed"})


async def officer_of(exchange: Exchange) -> tuple[Account, int, Fresh]:
    """The officer of the token, and the moment. Raises ProtocolError."""
    shown = possession.shown(exchange)
    request = BearerRequest.read(exchange.header(b"authorization"), None, exchange.query, shown)

    def proven(asked: BearerRequest, facts: Facts, policy: Policy) -> Decision[tuple[Account, int, Fresh]]:
        found = rfc6750_bearer.proven(asked, facts, policy, scope=SCOPE)
        account, client = facts.account, facts.client
        if account is None or not account.usable or client is None or client.disabled:
            raise rfc6750_bearer.refused("invalid_token", asked.scheme)
        level = BY_ACR.get(found.grant.acr or "")
        # RFC 9470 3: the same token with a stronger sign-in behind it would do.
        if level is None or level.authentication_level < TWO_FACTORS or SCOPE not in client.scopes:
            raise rfc6750_bearer.refused("insufficient_scope", asked.scheme, SCOPE)
        if account.account_type is not AccountType.OFFICER:
            raise rfc6750_bearer.refused("insufficient_scope", asked.scheme, SCOPE)
        return Decision((account, facts.now, facts.fresh), found.writes)

    return await exchange.services.loop.run(request, request.needs, proven)


async def document_of(exchange: Exchange) -> dict[str, object]:
    """The body's JSON object. Raises Malformed and TooLarge."""
    body = await exchange.body()
    if len(body) > LONGEST:
        raise TooLarge
    try:
        return strict_json.parse_object(body)
    except ValueError:
        raise Malformed("body") from None


class Operating:
    """Carries out one officer's order."""

    def __init__(self, services: Services, officer: Account, actor: Actor, now: int, fresh: Fresh) -> None:
        self.services = services
        self.officer = officer
        self.actor = actor
        self.now = now
        self.fresh = fresh

    async def done(self, order: Order) -> dict[str, object]:
        """How things stand afterwards. Raises NotAllowed, Malformed, Unavailable."""
        if order.deed in {Deed.FORWARD, Deed.APPROVE, Deed.REJECT}:
            return await self._decide(order)
        account = await self._account(order.number)
        if account is not None and account.account_id == self.officer.account_id:
            raise NotAllowed("own_account")
        if order.deed is Deed.ISSUE:
            return await self._issue(order, account)
        if account is None:
            raise NotAllowed("no_account")
        return await self._TABLE[order.deed](self, order, account)

    async def _account(self, number: str) -> Account | None:
        facts = await self.services.loop.loading.load(Needs(personal_number=number))
        return facts.account

    async def _apply(self, account: Account, deed: Act, beside: KeepCase | None = None) -> dict[str, object]:
        life = await self.services.lives.apply(account.account_id, deed, beside=beside)
        if life is None:
            raise NotAllowed("no_account")
        return {"status": life.status, "level": life.level, "lock_reasons": sorted(life.reasons)}

    async def _lock(self, order: Order, account: Account) -> dict[str, object]:
        items = recorded(self.officer.account_id, order.file)
        return await self._apply(account, acts.lock(LockReason.OWN_REQUEST, self.actor, items))

    async def _unlock(self, order: Order, account: Account) -> dict[str, object]:
        items = recorded(self.officer.account_id, order.file)
        return await self._apply(account, acts.unlock(LockReason.OWN_REQUEST, self.actor, items))

    async def _look(self, order: Order, account: Account) -> dict[str, object]:
        items = recorded(self.officer.account_id, order.file)
        event = AuditEvent(AuditKind.ACCOUNT_LOOKED_AT, account.account_id, claims=items)
        await self.services.loop.committing.commit(Decision(None, (), (event,)))
        standing = [_case(each) for each in await self.services.own.cases(account.account_id)]
        return {
            "status": account.status,
            "level": account.level,
            "kind": account.account_type,
            "cases": standing,
        }

    async def _issue(self, order: Order, account: Account | None) -> dict[str, object]:
        profile = await self.services.registry.profile(order.number)
        if profile is None:
            raise NotAllowed("person_unknown")
        card, born = profile.get("registry_card"), str(profile.get("birthdate", ""))
        today = datetime.fromtimestamp(self.now, VIETNAM).date()
        expires = card.get("expires") if isinstance(card, dict) else None
        valid = isinstance(card, dict) and (not isinstance(expires, str) or expires >= today.isoformat())
        whole = datetime.fromisoformat(born).date() if len(born) == len("yyyy-mm-dd") else None
        may_hold(Applicant(AccountType.CITIZEN, whole, has_card=valid, represented=True), 2, today)
        items = recorded(self.officer.account_id, order.file)
        if account is not None:
            return await self._raised(order, account, items)
        account_id = token_urlsafe(16)
        life = life_cycle.issue(life_cycle.requested(AccountType.CITIZEN, 2), self.now)
        secret, link = requesting.activation(self.fresh, account_id, self.now)
        new = NewAccount(account_id, order.number, UNUSABLE, order.email, order.phone, items=items)
        if not await self.services.issuing.issue(new, life, link, self._notice(order.email, secret)):
            raise NotAllowed("account_exists")
        return self._handed({"status": life.status, "level": life.level}, order.email, secret)

    async def _raised(self, order: Order, account: Account, items: tuple[str, ...]) -> dict[str, object]:
        """Level 2 for the person who stands there, whoever opened the account: nothing from before opens it."""
        if order.email is None:
            raise Malformed("email")
        deed = acts.upgrade(self.actor, items)
        contacts = {"email": order.email} | ({"phone": order.phone} if order.phone else {})
        await self.services.lives.apply(account.account_id, deed, contacts=contacts, anew=UNUSABLE)
        if not account.usable:
            return await self._reopen(order, account)
        return {"status": account.status, "level": 2, **await self._recover(order, account)}

    async def _reopen(self, order: Order, account: Account) -> dict[str, object]:
        secret, link = requesting.activation(self.fresh, account.account_id, self.now)
        items = recorded(self.officer.account_id, order.file)
        deed = acts.renotice(self.actor, self.now, items)
        email = await self._email(account)
        await self.services.issuing.link(account.account_id, deed, link, self._notice(email, secret))
        return self._handed({"status": "issued", "level": account.level}, email, secret)

    async def _recover(self, order: Order, account: Account) -> dict[str, object]:
        if not account.usable:
            raise NotAllowed(f"account_{account.status}")
        ends = self.now + self.services.policy.recovery_lifetime
        secret, link = requesting.made(self.fresh, LinkPurpose.RECOVER, ends, account_id=account.account_id)
        email = await self._email(account)
        items = recorded(self.officer.account_id, order.file)
        there = f"{self.services.settings.issuer}{paths.RECOVER}/continue?t={secret}"
        mail = SendMail(email, "recovery_in_person", account.locale, (("link", there),)) if email else None
        await self.services.issuing.link(account.account_id, acts.recover(items), link, mail)
        return {"mailed": True} if email else {"mailed": False, "link": there}

    async def _contact(self, order: Order, account: Account) -> dict[str, object]:
        if order.email is None and order.phone is None:
            raise Malformed("email")
        items = recorded(self.officer.account_id, order.file)
        contacts = {"email": order.email, "phone": order.phone}
        given = {name: value for name, value in contacts.items() if value is not None}
        life = await self.services.lives.apply(account.account_id, acts.contact(items), contacts=given)
        return {"status": life.status if life is not None else "", "changed": sorted(given)}

    async def _request(self, order: Order, account: Account) -> dict[str, object]:
        case = Case(
            token_urlsafe(16),
            account.account_id,
            CaseKind(order.kind),
            order.reason,
            order.file,
            self.officer.account_id,
            self.now,
        )
        items = recorded(self.officer.account_id, order.file)
        event = AuditEvent(AuditKind.CASE_REQUESTED, account.account_id, claims=items, reason=order.reason)
        await self.services.loop.committing.commit(Decision(None, (KeepCase(**asdict(case)),), (event,)))
        return _case(case)

    _TABLE: ClassVar[Mapping[Deed, Callable[[Operating, Order, Account], Awaitable[dict[str, object]]]]] = {
        Deed.LOOK: _look,
        Deed.LOCK: _lock,
        Deed.UNLOCK: _unlock,
        Deed.REOPEN_ACTIVATION: _reopen,
        Deed.CONTACT: _contact,
        Deed.RECOVER: _recover,
        Deed.REQUEST: _request,
    }

    async def _decide(self, order: Order) -> dict[str, object]:
        case = await self.services.own.case(order.case_id)
        if case is None:
            raise NotAllowed("no_case")
        if case.account_id == self.officer.account_id:
            raise NotAllowed("own_account")
        officer, items = self.officer.account_id, recorded(self.officer.account_id, order.file)
        if order.deed is Deed.FORWARD:
            return await self._noted(
                case, cases.forward(case, officer, self.actor), AuditKind.CASE_FORWARDED, items
            )
        approve = order.deed is Deed.APPROVE
        after = cases.decide(case, officer, self.actor, self.now, approve=approve)
        if not approve:
            return await self._noted(case, after, AuditKind.CASE_REJECTED, items)
        beside = KeepCase(**asdict(after), replaces=case.state.value)
        life = await self.services.lives.apply(case.account_id, decided(case, items), beside=beside)
        return {**_case(after), "status": life.status if life is not None else ""}

    async def _noted(
        self, before: Case, after: Case, kind: AuditKind, items: tuple[str, ...]
    ) -> dict[str, object]:
        write = KeepCase(**asdict(after), replaces=before.state.value)
        event = AuditEvent(kind, after.account_id, claims=items, reason=after.reason)
        kept = await self.services.loop.committing.commit(Decision(None, (write,), (event,)))
        if isinstance(kept, Conflict):
            raise NotAllowed("case_changed")
        return _case(after)

    async def _email(self, account: Account) -> str | None:
        needs = Needs(account_id=account.account_id, credentials=True)
        held = (await self.services.loop.loading.load(needs)).credentials
        return held.email if held is not None else None

    def _notice(self, email: str | None, secret: str) -> SendMail | None:
        if email is None:
            return None
        values = (("link", self._link(secret)), ("days", "7"))
        return SendMail(email, "account_issued", "vi", values)

    def _handed(self, document: dict[str, object], email: str | None, secret: str) -> dict[str, object]:
        """Without a mailbox the link is printed for the person, this once."""
        if email is not None:
            return document | {"mailed": True}
        return document | {"mailed": False, "link": self._link(secret)}

    def _link(self, secret: str) -> str:
        return f"{self.services.settings.issuer}{paths.ACTIVATE}?t={secret}"


UNUSABLE: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""A hash that no password has been found for: the step costs what every password step costs."""


def decided(case: Case, items: tuple[str, ...]) -> Act:
    """What an approved case does."""
    if case.kind is CaseKind.CLOSE:
        return acts.close(CloseReason.OWN_REQUEST, Actor.CENTRE, items)
    reason = case.reason if case.reason is not None else LockReason.OPERATOR
    made = acts.lock if case.kind is CaseKind.LOCK else acts.unlock
    return made(reason, Actor.CENTRE, items)


def _case(case: Case) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "kind": case.kind,
        "reason": case.reason,
        "case": case.file,
        "state": case.state,
        "requested_at": datetime.fromtimestamp(case.requested_at, UTC).isoformat(),
    }

"""The officer of the token, the order of the body, and which act answers it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from idp.accounts.life import NotAllowed
from idp.accounts.officers import ON_CASES, Deed, Malformed, actor_of, read_order
from idp.domain.account import Account, AccountType
from idp.domain.assurance import BY_ACR
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts, Fresh
from idp.domain.policy import Policy
from idp.endpoints import answers, possession
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange, TooLarge
from idp.endpoints.operating import in_person, on_cases
from idp.endpoints.operating.work import Work
from idp.protocol import rfc6750_bearer
from idp.protocol.rfc6750_bearer import BearerRequest
from keys import strict_json

SCOPE: Final = "eid:operate"
LONGEST: Final = 4_096
TWO_FACTORS: Final = 2
ON_ACCOUNTS: Final[Mapping[Deed, Callable[[Work, Account], Awaitable[dict[str, object]]]]] = {
    Deed.LOOK: in_person.look,
    Deed.LOCK: in_person.lock,
    Deed.UNLOCK: in_person.unlock,
    Deed.REOPEN_ACTIVATION: in_person.reopen,
    Deed.CONTACT: in_person.contact,
    Deed.RECOVER: in_person.recover,
    Deed.REQUEST: on_cases.request,
}


async def act(exchange: Exchange) -> Answer:
    """One act; 200 with how the account stands, 400 for what cannot be read, 409 with a code for what may not be."""
    try:
        officer, now, fresh = await officer_of(exchange)
        order = read_order(await document_of(exchange))
        work = Work(exchange.services, officer, actor_of(officer.role), order, now, fresh)
        return answers.json(200, await done(work))
    except ProtocolError as refused:
        return answers.refused(refused)
    except Malformed as wrong:
        return answers.json(400, {"error": "invalid_request", "error_description": f"member {wrong}"})
    except NotAllowed as refused:
        return answers.json(409, {"error": refused.code, "error_description": "not allowed"})


async def done(work: Work) -> dict[str, object]:
    """How things stand afterwards. Raises NotAllowed, Malformed, Unavailable."""
    deed = work.order.deed
    if deed is Deed.QUEUE:
        return await on_cases.queue(work)
    if deed in ON_CASES:
        return await on_cases.decide(work)
    account = await work.account()
    if account is not None and account.account_id == work.officer.account_id:
        raise NotAllowed("own_account")
    if deed is Deed.ISSUE:
        return await in_person.issue(work, account)
    if account is None:
        raise NotAllowed("no_account")
    return await ON_ACCOUNTS[deed](work, account)


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

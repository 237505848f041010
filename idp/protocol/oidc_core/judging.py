"""OpenID Connect Core sections 3.1.2.3, 3.1.2.4 and 3.1.2.6: what is still missing before a code may be issued.

The same rule judges the first visit and every return from the pages, so session age, prompt, max_age, acr and
consent are judged in one place only.
"""

from __future__ import annotations

from idp.domain.account import Account
from idp.domain.assurance import Assurance, reached
from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client, PartyKind
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.scopes import DELEGATION, OFFLINE_ACCESS, consent_items
from idp.domain.session import Interaction, Session, Step
from idp.domain.values import frozen
from idp.protocol import oidc_pairwise, rfc9470_step_up

REAUTHENTICATE = frozenset({"login", "select_account"})


@frozen
class Missing:
    """What the person must still do; ``error`` is what ``prompt=none`` answers instead."""

    step: Step
    error: str
    required_level: int = 1


@frozen
class Ready:
    """Nothing is missing."""

    account: Account
    session: Session
    assurance: Assurance
    acr: str
    """What the client is told of it."""


@frozen
class Impossible:
    """No step of the person can help; ``error`` goes to the client."""

    error: str


def judge(
    request: AuthorizationRequest,
    client: Client,
    facts: Facts,
    policy: Policy,
    interaction: Interaction | None,
) -> Ready | Missing | Impossible:
    """What the rules say of this person, now."""
    wished = rfc9470_step_up.wish(request)
    person = signed_in(facts)
    if person is None:
        return Missing(Step.PASSWORD, "login_required", wished.level_to_ask(None))
    session, account = person
    sign_in_again = Missing(Step.PASSWORD, "login_required", wished.level_to_ask(account))
    if must_reauthenticate(request, session, facts.now, interaction):
        return sign_in_again
    if not is_hinted(request, client, account, policy):
        # 3.1.2.2: "The Authorization Server MUST NOT reply with an ID Token or Access Token for a different user";
        # one new sign-in may mend it, a second wrong one ends it.
        return Impossible("login_required") if signed_in_here(session, interaction) else sign_in_again
    assurance = reached(account.level, session.amr)
    lacking = level_lacking(request, account, assurance, interaction)
    if lacking is None and must_consent(request, client, account, interaction):
        lacking = Missing(Step.CONSENT, "consent_required", assurance.authentication_level)
    return lacking or Ready(account, session, assurance, wished.said(assurance))


def level_lacking(
    request: AuthorizationRequest, account: Account, reached: Assurance, interaction: Interaction | None
) -> Missing | Impossible | None:
    """What the asked level still needs (RFC 9470, OIDC Core 5.5.1.1)."""
    wished = rfc9470_step_up.wish(request)
    verdict = wished.judged(account, reached)
    if verdict == rfc9470_step_up.UNMET:
        return Impossible("unmet_authentication_requirements")
    if isinstance(verdict, int) and (wished.essential or not goes_on(request, interaction)):
        return Missing(Step.SECOND_FACTOR, "login_required", verdict)
    return None


def signed_in(facts: Facts) -> tuple[Session, Account] | None:
    """The person behind the browser, if there is one who may act."""
    session, account = facts.session, facts.account
    if session is None or account is None or session.expires_at <= facts.now:
        return None
    # Law on Identity 26/2023, Art. 34: a locked account authenticates nobody; its session counts for nothing.
    if account.account_id != session.account_id or not account.usable:
        return None
    return session, account


def signed_in_here(session: Session, interaction: Interaction | None) -> bool:
    """Whether the person proved themselves in this very interaction."""
    return interaction is not None and session.auth_time >= interaction.created_at


def goes_on(request: AuthorizationRequest, interaction: Interaction | None) -> bool:
    """Whether a merely wished level is let go: nobody may be asked, or the pages did all they can."""
    return "none" in request.prompt or (interaction is not None and interaction.step == Step.CONTINUE)


def must_reauthenticate(
    request: AuthorizationRequest, session: Session, now: int, interaction: Interaction | None
) -> bool:
    """prompt=login, prompt=select_account and max_age really ask again, once per interaction."""
    if signed_in_here(session, interaction):
        return False
    # 3.1.2.1: login: "The Authorization Server SHOULD prompt the End-User for reauthentication."
    if request.prompt & REAUTHENTICATE:
        return True
    # 3.1.2.1: max_age: "If the elapsed time is greater than this value, the OP MUST attempt to actively
    # re-authenticate the End-User"; "Note that max_age=0 is equivalent to prompt=login".
    if request.max_age is None:
        return False
    return request.max_age == 0 or now - session.auth_time > request.max_age


def is_hinted(request: AuthorizationRequest, client: Client, account: Account, policy: Policy) -> bool:
    """Whether this is the person whom the client means, if it means somebody."""
    if request.hinted_subject is None:
        return True
    return request.hinted_subject == oidc_pairwise.subject(client, account.account_id, policy)


def must_consent(
    request: AuthorizationRequest, client: Client, account: Account, interaction: Interaction | None
) -> bool:
    """Whether the person must be asked what the client may receive (3.1.2.4)."""
    given_here = (
        interaction is not None
        and interaction.consented_at >= interaction.created_at
        # Whoever signed in beside it said nothing yet (Hydra #753).
        and interaction.account_id == account.account_id
    )
    if given_here:
        given_here = consent_items(request) <= account.consents.get(client.client_id, frozenset())
    if given_here:
        return False
    # 3.1.2.1: consent: "SHOULD prompt the End-User for consent before returning information to the Client."
    if "consent" in request.prompt:
        return True
    items = consent_items(request)
    # Decree 69/2024, Art. 19: private parties never get silent consent. 11: offline_access always needs consent; so
    # does letting somebody else act, each time anew.
    delegates = DELEGATION in items
    asks = (
        client.require_consent
        or client.party_kind is PartyKind.PRIVATE
        or OFFLINE_ACCESS in items
        or delegates
    )
    # RFC 9396 12: a detail is about one dossier, so a yes to an earlier one says nothing: it is never remembered.
    new = (
        bool(request.authorization_details)
        or delegates
        or not items <= account.consents.get(client.client_id, frozenset())
    )
    return asks and new

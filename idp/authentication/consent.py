"""The person's yes or no: to releasing their data to a client, and to going back instead of signing in.

Consent counts only from the browser, the session and the interaction that it was asked in (Hydra #753, #770).
"""

from dataclasses import dataclass

from idp.authentication.progress import Advanced, way_on
from idp.authentication.step_up import is_essential
from idp.authentication.steps import GONE, OUT_OF_ORDER, answering, current
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.rich_requests import items_of
from idp.domain.scopes import consent_items
from idp.domain.session import Interaction, Step
from idp.domain.writes import RememberConsent

DENIED = "access_denied"
UNMET = "unmet_authentication_requirements"


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """Allow or deny; ``digest`` is the session cookie's hash."""

    interaction_id: str
    browser: bytes | None
    digest: bytes | None
    allow: bool = False

    @property
    def needs(self) -> Needs:
        """The facts that an answer is judged by, and that the page shows."""
        return Needs(
            interaction_id=self.interaction_id,
            session_digest=self.digest,
            account_of_session=True,
            client_of_interaction=True,
        )


def asked_person(answer: ConsentAnswer, facts: Facts) -> tuple[Interaction, Account]:
    """The interaction that waits for consent and the signed-in person it waits for.

    Raises :class:`PageProblem` when the session is over, is somebody else's, or its account may not be used.
    """
    interaction = answering(facts, answer.browser, Step.CONSENT)
    session, account = facts.session, facts.account
    if (
        session is None
        or account is None
        or interaction.request is None
        or session.expires_at <= facts.now
        or session.account_id != account.account_id
        or interaction.account_id not in {None, account.account_id}
        or not account.usable
    ):
        raise PageProblem(GONE, 410, cause="no session of the person who was asked")
    return interaction, account


def judge(answer: ConsentAnswer, facts: Facts, _policy: Policy) -> Decision[Advanced]:
    """Remember a yes; send a no back to the client as ``access_denied``."""
    interaction, account = asked_person(answer, facts)
    request = interaction.request
    if request is None:
        raise PageProblem(OUT_OF_ORDER, 409)
    items = consent_items(request)
    kind = AuditKind.CONSENT_GIVEN if answer.allow else AuditKind.CONSENT_REFUSED
    told = (*items_of(request.authorization_details), *sorted(items))
    event = AuditEvent(kind, account.account_id, request.client_id, claims=told)
    if not answer.allow:
        path, saved = way_on(interaction, Step.CONTINUE, refusal=DENIED)
        return Decision(Advanced(path), (saved,), (event,))
    path, saved = way_on(interaction, Step.CONTINUE, consented_at=facts.now, account_id=account.account_id)
    before = account.consents.get(request.client_id, frozenset())
    remember = RememberConsent(account.account_id, request.client_id, items | before)
    return Decision(Advanced(path), (saved, remember), (event,))


@dataclass(frozen=True, slots=True)
class GoBack:
    """The person turns back before signing in, or after reading that their level is too low."""

    interaction_id: str
    browser: bytes | None

    @property
    def needs(self) -> Needs:
        """Only the interaction."""
        return Needs(interaction_id=self.interaction_id)


def go_back(answer: GoBack, facts: Facts, _policy: Policy) -> Decision[Advanced]:
    """Back to the client: ``access_denied``; after a step-up page only a level that is essential is refused."""
    interaction = current(facts, answer.browser)
    if interaction.step == Step.STEP_UP:
        refusal = UNMET if is_essential(interaction.request) else None
    elif interaction.step in {Step.PASSWORD, Step.SECOND_FACTOR}:
        refusal = DENIED
    else:
        raise PageProblem(OUT_OF_ORDER, 409)
    path, saved = way_on(interaction, Step.CONTINUE, refusal=refusal)
    return Decision(Advanced(path), (saved,))

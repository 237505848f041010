"""``/account/approvals``: what services ask a person to confirm here (CIBA Core 1.0), and their answers."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from idp.domain import paths
from idp.domain.assurance import BY_ACR
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import LoadedDecoupled
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.scopes import consent_items
from idp.pages.account import moment, own_act_form, render_section
from idp.pages.consent import described
from idp.pages.details import details_shown
from idp.pages.device import answer_of, prove
from idp.pages.visit import browser_of, client_name, go, services_of, signed_in
from idp.protocol import decoupled_answers
from idp.protocol.decoupled_answers import Answer, GivenAnswer, ProveAgain
from web import Texts

MAX_ID = 32
DONE = frozenset(Answer)


async def show_approvals(request: Request) -> Response:
    """Each waiting request: who, what for, since when, until when; the oldest first."""
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.APPROVALS, 1)
    services = services_of(request)
    texts = services.pages.texts_for(request)
    needs = Needs(session_digest=browser_of(request).session, account_of_session=True, waiting=True)
    waiting = await services.loop.run(None, needs, _waiting)
    clients = await services.records.clients()
    cards = [
        _card(each, clients[each.request.client_id], person.account, texts)
        for each in waiting
        if each.request.client_id in clients
    ]
    said = request.query_params.get("done", "")
    return render_section(
        request, "account_approvals.html", person, cards=cards, done=said if said in DONE else ""
    )


async def post_approvals(request: Request) -> Response:
    """Yes, no, or "this was not me"; anything unclear is a no."""
    form = await own_act_form(request)
    given = GivenAnswer(browser_of(request).session, form.text("request")[:MAX_ID], answer_of(form))
    outcome = await services_of(request).loop.run(given, given.needs, decoupled_answers.decide)
    if isinstance(outcome, ProveAgain):
        return await prove(request, paths.APPROVALS, outcome.level)
    return go(f"{paths.APPROVALS}?done={outcome.answer}")


def _waiting(_: None, facts: Facts, _policy: Policy) -> Decision[tuple[LoadedDecoupled, ...]]:
    return Decision(facts.waiting)


def _card(loaded: LoadedDecoupled, client: Client, account: Any, texts: Texts) -> dict[str, object]:
    asked = loaded.request
    levels = [BY_ACR[acr].authentication_level for acr in asked.request.acr_values if acr in BY_ACR]
    return {
        "id": asked.request_id,
        "service": client_name(client, texts.language),
        "kind": client.party_kind.value,
        "message": asked.binding_message,
        "helper": asked.assistance,
        "since": moment(asked.created_at),
        "until": moment(asked.expires_at),
        "strong": bool(levels) and min(levels) > 1,
        "items": described(consent_items(asked.request), account, texts),
        "details": details_shown(asked.request, client_name(client, texts.language), texts),
    }

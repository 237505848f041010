"""``/consent``: who asks, what for, and what exactly they would see. Yes and no are equally easy."""

from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from idp.authentication.consent import ConsentAnswer, asked_person, judge
from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.scopes import CLAIM_ITEM, CLAIMS_OF_SCOPE, VERIFIED_ITEM, consent_items
from idp.domain.session import Interaction
from idp.pages import who_asks
from idp.pages.details import details_shown
from idp.pages.masks import masked_claim
from idp.pages.visit import advanced, browser_of, client_name, own_form, seen, services_of
from web import Texts
from web.formatting import mask_personal_number

ORDER = (
    "pid",
    "profile",
    "address",
    "old_id",
    "email",
    "phone",
    "registry:verify",
    "registry:release",
    "registry:access-log",
    "offline_access",
    "delegation",
)
Asked = tuple[Interaction, Account, Client | None]


async def show_consent(request: Request) -> Response:
    """The question, with masked values."""
    found = await seen(request, request.query_params.get("i", ""))
    answer = _answer(request, found.interaction.interaction_id)
    services = services_of(request)
    interaction, account, client = await services.loop.run(answer, answer.needs, _look)
    texts = services.pages.texts_for(request)
    asked = interaction.request
    service = client_name(client, texts.language)
    return services.pages.render(
        request,
        "consent.html",
        form_action=(asked.redirect_uri,) if asked else (),
        i=interaction.interaction_id,
        service=service,
        party_kind=client.party_kind.value if client else "private",
        client_home=client.home_uri if client else None,
        **who_asks.described(client, texts),
        items=described(consent_items(asked), account, texts) if asked else (),
        details=details_shown(asked, service, texts) if asked else (),
        account_name=account.profile.get("name"),
    )


async def answer_consent(request: Request) -> Response:
    """Allow or deny. Anything but a clear yes is a no."""
    form, found = await own_form(request)
    answer = _answer(request, found.interaction.interaction_id, allow=form.text("answer") == "allow")
    return advanced(request, await services_of(request).loop.run(answer, answer.needs, judge))


def described(items: frozenset[str], account: Account, texts: Texts) -> list[Mapping[str, object]]:
    """Each item in plain words, what it is for, and the values that would be seen, masked."""
    ordered = sorted(items, key=lambda item: (ORDER.index(item) if item in ORDER else len(ORDER), item))
    return [_described(item, account, texts) for item in ordered]


def _described(item: str, account: Account, texts: Texts) -> Mapping[str, object]:
    if item.startswith(CLAIM_ITEM):
        claims: tuple[str, ...] = (item.removeprefix(CLAIM_ITEM),)
        name, why = claim_label(claims[0], texts), texts.t("consent.claim.why")
    elif item.startswith(VERIFIED_ITEM):
        claims = (item.removeprefix(VERIFIED_ITEM),)
        name = texts.t("consent.verified.name", claim=claim_label(claims[0], texts))
        why = texts.t("consent.verified.why")
    else:
        claims = CLAIMS_OF_SCOPE.get(item, ())
        kind = item if f"consent.{item}.name" in texts else "other"
        name, why = texts.t(f"consent.{kind}.name", item=item), texts.t(f"consent.{kind}.why", item=item)
    rows = []
    for claim in claims:
        value = (
            mask_personal_number(account.personal_number)
            if claim == "pid"
            else masked_claim(claim, account.profile.get(claim))
        )
        if value and f"claim.{claim}" in texts:
            rows.append(
                (texts.t(f"claim.{claim}"), texts.t(f"gender.{value}") if claim == "gender" else value)
            )
    return {"name": name, "why": why, "rows": rows}


def claim_label(claim: str, texts: Texts) -> str:
    """A claim's name for people; its own name where we have no words for it."""
    return texts.t(f"claim.{claim}") if f"claim.{claim}" in texts else claim


def claim_labels(claims: Iterable[str], texts: Texts) -> list[str]:
    """Names for people of what was released, each once; what has no words of ours is left out."""
    known = []
    for claim in dict.fromkeys(claims):
        name = claim.removeprefix(VERIFIED_ITEM)
        if f"claim.{name}" in texts:
            label = claim_label(name, texts)
            known.append(label if name == claim else texts.t("consent.verified.name", claim=label))
    return known


def _answer(request: Request, interaction_id: str, *, allow: bool = False) -> ConsentAnswer:
    browser = browser_of(request)
    return ConsentAnswer(interaction_id, browser.interaction, browser.session, allow)


def _look(answer: ConsentAnswer, facts: Facts, _policy: Policy) -> Decision[Asked]:
    interaction, account = asked_person(answer, facts)
    return Decision((interaction, account, facts.client))

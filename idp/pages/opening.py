"""``/open-account`` and ``/activate``: asking online for a level-1 account, and taking an issued one into use."""

from datetime import date, datetime
from secrets import token_urlsafe
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.accounts import acts, life_cycle
from idp.accounts.life import SELF_ACTIVATION, Actor, NotAllowed
from idp.authentication import requesting
from idp.authentication.password_choice import LEAST, weakness
from idp.authentication.personal_number import read_personal_number
from idp.authentication.recovering import LINK_GONE, link_digest
from idp.authentication.requesting import AccountRequest, AskAccount, Found, OpenedLink, read_mailbox
from idp.domain import paths
from idp.domain.account import AccountType
from idp.domain.errors import PageProblem
from idp.domain.link import LinkPurpose
from idp.domain.writes import SendMail
from idp.pages.account import own_act_form
from idp.pages.dependants import LONGEST_NAME
from idp.pages.visit import browser_of, go, page, pool_of, services_of
from idp.ports import NewAccount
from web import Form
from web.formatting import VIETNAM

CONFIRM: Final = paths.OPEN_ACCOUNT + "/confirm"
SENT: Final = paths.OPEN_ACCOUNT + "/sent"
ACTIVATED: Final = paths.ACTIVATE + "/done"
MAX_SECRET: Final = 64
FIRST_YEAR: Final = 1900
DAYS: Final = SELF_ACTIVATION // 86_400


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.OPEN_ACCOUNT, show_open),
        page(paths.OPEN_ACCOUNT, post_open, "POST"),
        page(SENT, show_sent),
        page(CONFIRM, show_confirm),
        page(CONFIRM, post_confirm, "POST"),
        page(paths.ACTIVATE, show_activate),
        page(paths.ACTIVATE, post_activate, "POST"),
        page(ACTIVATED, show_activated),
    ]


async def show_open(request: Request) -> Response:
    """The form: what stands on the card, and an e-mail address."""
    return _open_page(request, Form())


async def post_open(request: Request) -> Response:
    """Mail the link; whether anything fits is looked at when it is opened."""
    form = await own_act_form(request)
    services = services_of(request)
    asked, mistakes = read_request(form, services.pages.language_for(request).value)
    if asked is None:
        texts = services.pages.texts_for(request)
        return _open_page(request, form, {name: texts.t(key) for name, key in mistakes.items()})
    act = AskAccount(asked, browser_of(request).address, services.settings.issuer + CONFIRM)
    await services.loop.run(act, act.needs(services.policy), requesting.ask)
    return go(SENT)


async def show_sent(request: Request) -> Response:
    """A mail is on its way, if it may be."""
    return services_of(request).pages.render(request, "open_sent.html")


async def show_confirm(request: Request) -> Response:
    """One button: a mail reader that opens every link spends nothing."""
    secret = request.query_params.get("t", "")[:MAX_SECRET]
    await _found(request, secret, LinkPurpose.OPEN)
    return services_of(request).pages.render(request, "open_confirm.html", secret=secret, action=CONFIRM)


async def post_confirm(request: Request) -> Response:
    """The address is confirmed: now the registry is asked, and the account is issued or not."""
    form = await own_act_form(request)
    services = services_of(request)
    found = await _found(request, form.text("t"), LinkPurpose.OPEN)
    asked = AccountRequest(*found.link.record)
    matched = await services.registry.identity(asked.number, asked.name, asked.born)
    profile = await services.registry.profile(asked.number) if matched else None
    today = datetime.fromtimestamp(found.now, VIETNAM).date()
    refusal = requesting.refusal_of(asked, profile, today)
    if refusal is None and not await _issued(request, found, asked):
        refusal = "exists"
    return services.pages.render(
        request,
        "open_result.html",
        status=200 if refusal is None else 422,
        refusal=refusal,
        days=DAYS,
        recover_path=paths.RECOVER,
    )


async def _issued(request: Request, found: Found, asked: AccountRequest) -> bool:
    services = services_of(request)
    account_id = token_urlsafe(16)
    life = life_cycle.issue(life_cycle.requested(AccountType.CITIZEN, 1), found.now)
    secret, link = requesting.activation(found.fresh, account_id, found.now)
    values = (("link", f"{services.settings.issuer}{paths.ACTIVATE}?t={secret}"), ("days", str(DAYS)))
    # A hash of nothing anybody knows: a password step costs the same before and after the activation.
    unknown = await pool_of(services).hash(token_urlsafe(32))
    new = NewAccount(
        account_id, asked.number, unknown, asked.email, locale=asked.locale, request=found.link.digest
    )
    return await services.issuing.issue(
        new, life, link, SendMail(asked.email, "account_issued", asked.locale, values)
    )


async def show_activate(request: Request) -> Response:
    """Choose a password."""
    secret = request.query_params.get("t", "")[:MAX_SECRET]
    await _found(request, secret, LinkPurpose.ACTIVATE)
    return _activate_page(request, secret)


async def post_activate(request: Request) -> Response:
    """The number must be known too: a mail that went astray opens nothing by itself."""
    form = await own_act_form(request)
    services, texts = services_of(request), services_of(request).pages.texts_for(request)
    secret, new = form.text("t")[:MAX_SECRET], form.get("new_password", "")
    found = await _found(request, secret, LinkPurpose.ACTIVATE)
    mistakes = {}
    if read_personal_number(form.text("personal_number")) != found.number:
        mistakes["personal_number"] = texts.t("activate.number.wrong")
    weak = weakness(new, found.number, found.profile)
    if weak is not None:
        mistakes["new_password"] = texts.t(f"password.weak.{weak}", least=LEAST)
    elif new != form.get("new_password_again", ""):
        mistakes["new_password_again"] = texts.t("password.not_the_same")
    if mistakes:
        return _activate_page(request, secret, mistakes)
    hashed = await pool_of(services).hash(new)
    account_id = found.link.account_id or ""
    act = acts.activate(Actor.SUBJECT, found.now)
    try:
        done = await services.issuing.activate(account_id, found.link.digest, act, hashed)
    except NotAllowed as refused:
        raise PageProblem(LINK_GONE, 410, cause=refused.code) from None
    if not done:
        raise PageProblem(LINK_GONE, 410)
    return go(ACTIVATED)


async def show_activated(request: Request) -> Response:
    """In use; on to the sign-in."""
    return services_of(request).pages.render(request, "activated.html", sign_in_path=paths.SIGN_IN)


def read_request(form: Form, locale: str) -> tuple[AccountRequest | None, dict[str, str]]:
    """What was typed; or what is wrong with each field."""
    number = read_personal_number(form.text("personal_number"))
    name = " ".join(form.text("name").split())[:LONGEST_NAME]
    born, issued = read_day(form, "born"), read_day(form, "issued")
    email = read_mailbox(form.text("email"))
    wrong = {
        "personal_number": "signin.number.malformed" if number is None else "",
        "name": "" if name else "dependants.name.missing",
        "born": "dependants.born.malformed" if born is None else "",
        "issued": "open.issued.malformed" if issued is None else "",
        "email": "open.email.malformed" if email is None else "",
    }
    mistakes = {field: key for field, key in wrong.items() if key}
    if number is None or born is None or issued is None or email is None or mistakes:
        return None, mistakes
    return AccountRequest(number, name, born.isoformat(), issued.isoformat(), email, locale), {}


def read_day(form: Form, name: str) -> date | None:
    """The day of three fields, when there is such a day."""
    try:
        parts = [int(form.text(f"{name}_{part}")[:4]) for part in ("year", "month", "day")]
        found = date(*parts)
    except (ValueError, OverflowError):
        return None
    return found if found.year >= FIRST_YEAR else None


async def _found(request: Request, secret: str, purpose: LinkPurpose) -> Found:
    digest = link_digest(secret)
    if digest is None:
        raise PageProblem(LINK_GONE, 410)
    opened = OpenedLink(digest, purpose)
    return await services_of(request).loop.run(opened, opened.needs, requesting.look)


def _open_page(request: Request, form: Form, errors: dict[str, str] | None = None) -> Response:
    days = {
        name: {part: form.text(f"{name}_{part}")[:4] for part in ("day", "month", "year")}
        for name in ("born", "issued")
    }
    return services_of(request).pages.render(
        request,
        "open_account.html",
        status=422 if errors else 200,
        action=paths.OPEN_ACCOUNT,
        typed={name: form.text(name)[:254] for name in ("personal_number", "name", "email")} | days,
        errors=errors or {},
    )


def _activate_page(request: Request, secret: str, errors: dict[str, str] | None = None) -> Response:
    return services_of(request).pages.render(
        request,
        "activate.html",
        status=422 if errors else 200,
        action=paths.ACTIVATE,
        secret=secret,
        least=LEAST,
        errors=errors or {},
    )

"""``/recover``: a forgotten password, by mail, with a delay in which it can be stopped."""

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import recovering
from idp.authentication.password_choice import LEAST, Weak
from idp.authentication.personal_number import read_personal_number
from idp.authentication.recovering import LINK_GONE, AskRecovery, FollowLink, Opened, WrongCode, link_digest
from idp.domain import paths
from idp.domain.errors import PageProblem
from idp.pages.account import moment, own_act_form
from idp.pages.pace import Pace
from idp.pages.visit import browser_of, go, page, pool_of, services_of
from web import Form, Texts

CONTINUE: Final = paths.RECOVER + "/continue"
CANCEL: Final = CONTINUE + "/cancel"
SENT: Final = paths.RECOVER + "/sent"
DONE: Final = paths.RECOVER + "/done"
MAX_SECRET: Final = 64
MAX_CODE: Final = 16


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.RECOVER, show_recover),
        page(paths.RECOVER, post_recover, "POST"),
        page(SENT, show_sent),
        page(CONTINUE, show_continue),
        page(CONTINUE, post_continue, "POST"),
        page(CANCEL, show_cancel),
        page(CANCEL, post_cancel, "POST"),
        page(DONE, show_done),
    ]


async def show_recover(request: Request) -> Response:
    """One field: the number."""
    return _recover_page(request)


async def post_recover(request: Request) -> Response:
    """Mail the links, if there is somebody to mail them to; the answer and its time are the same for everybody."""
    form = await own_act_form(request)
    number = read_personal_number(form.text("personal_number"))
    services = services_of(request)
    if number is None:
        wrong = services.pages.texts_for(request).t("signin.number.malformed")
        return _recover_page(request, {"personal_number": wrong})
    pace = Pace(pool_of(services))
    asked = AskRecovery(number, browser_of(request).address, services.settings.issuer + CONTINUE)
    await services.loop.run(asked, asked.needs(services.policy), recovering.ask)
    await pace.keep()
    return go(SENT)


async def show_sent(request: Request) -> Response:
    """What happens now."""
    return services_of(request).pages.render(
        request, "recover_sent.html", hours=services_of(request).policy.recovery_delay // 3_600
    )


async def show_continue(request: Request) -> Response:
    """A new password: now with a code, or by mail alone once the delay is over."""
    act = _followed(request.query_params.get("t", ""))
    opened = await services_of(request).loop.run(act, act.needs, recovering.look)
    return _continue_page(request, request.query_params.get("t", "")[:MAX_SECRET], opened)


async def post_continue(request: Request) -> Response:
    """Judge, hash, judge again and set."""
    form = await own_act_form(request)
    services, texts = services_of(request), services_of(request).pages.texts_for(request)
    secret = form.text("t")[:MAX_SECRET]
    act = _followed(secret)
    opened = await services.loop.run(act, act.needs, recovering.look)
    if form.get("new_password", "") != form.get("new_password_again", ""):
        return _continue_page(
            request, secret, opened, {"new_password_again": texts.t("password.not_the_same")}
        )
    act = replace(
        act,
        code=form.text("code")[:MAX_CODE],
        password=form.get("new_password", ""),
        account_id=opened.link.account_id,
    )
    ready = await services.loop.run(act, act.needs, recovering.prepare)
    if isinstance(ready, Weak):
        mistake = texts.t(f"password.weak.{ready}", least=LEAST)
        return _continue_page(request, secret, opened, {"new_password": mistake})
    if isinstance(ready, WrongCode):
        return _continue_page(request, secret, opened, _waiting(form, texts))
    act = replace(act, password_hash=await pool_of(services).hash(act.password))
    outcome = await services.loop.run(act, act.needs, recovering.complete)
    if isinstance(outcome, WrongCode):
        return _continue_page(request, secret, opened, _waiting(form, texts))
    return go(DONE)


async def show_cancel(request: Request) -> Response:
    """One button: a mail reader that opens every link stops nothing, and needs to stop nothing."""
    secret = request.query_params.get("t", "")[:MAX_SECRET]
    if link_digest(secret) is None:
        raise PageProblem(LINK_GONE, 410)
    return services_of(request).pages.render(
        request, "recover_cancel.html", secret=secret, action=CANCEL, done=False
    )


async def post_cancel(request: Request) -> Response:
    """Stop it."""
    form = await own_act_form(request)
    act = _followed(form.text("t"))
    await services_of(request).loop.run(act, act.needs, recovering.cancel)
    return services_of(request).pages.render(
        request, "recover_cancel.html", secret="", action=CANCEL, done=True, switch_url=f"{paths.SIGN_IN}"
    )


async def show_done(request: Request) -> Response:
    """On to the sign-in."""
    return services_of(request).pages.render(request, "recover_done.html", sign_in_path=paths.SIGN_IN)


def _followed(secret: str) -> FollowLink:
    digest = link_digest(secret[:MAX_SECRET])
    if digest is None:
        raise PageProblem(LINK_GONE, 410)
    return FollowLink(digest)


def _waiting(form: Form, texts: Texts) -> dict[str, str]:
    return {"code": texts.t("recover.code.wrong" if form.text("code") else "recover.code.missing")}


def _recover_page(request: Request, errors: dict[str, str] | None = None) -> Response:
    return services_of(request).pages.render(
        request, "recover.html", status=422 if errors else 200, action=paths.RECOVER, errors=errors or {}
    )


def _continue_page(
    request: Request, secret: str, opened: Opened, errors: dict[str, str] | None = None
) -> Response:
    return services_of(request).pages.render(
        request,
        "recover_continue.html",
        status=422 if errors else 200,
        action=CONTINUE,
        secret=secret,
        waits=opened.waits,
        codes=opened.codes,
        ripe=moment(opened.link.usable_from),
        least=LEAST,
        errors=errors or {},
    )

"""``/account/security/password``: the present password and a new one."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import own_password
from idp.authentication.own_credentials import Changed, KeepCredentials, NotRight, Standing, TooOften
from idp.authentication.own_password import AdmittedChange, CheckedOld
from idp.authentication.passkey_keeping import ProveFirst
from idp.authentication.password_choice import LEAST, Weak
from idp.domain import paths
from idp.pages.account import own_act_form, render_section
from idp.pages.device import prove
from idp.pages.farewell import farewell
from idp.pages.own_standing import level_for, standing_of
from idp.pages.visit import browser_of, go, page, pool_of, services_of
from web import Form

PASSWORD = paths.SECURITY + "/password"
MAX_PASSWORD = 1_024


def routes() -> list[Route]:
    """Every page of this part."""
    return [page(PASSWORD, show_password), page(PASSWORD, post_password, "POST")]


async def show_password(request: Request) -> Response:
    """The present password and the new one."""
    here = await standing_of(request)
    if here is None or not here.fresh:
        return await prove(request, PASSWORD, level_for(here))
    return _password_page(request, here)


async def post_password(request: Request) -> Response:
    """Judge the new password, then the present one, then change it."""
    form = await own_act_form(request)
    here = await standing_of(request)
    if here is None:
        return await prove(request, PASSWORD, 1)
    act = KeepCredentials(
        browser_of(request).session,
        password=form.get("new_password", ""),
        account_id=here.person.account.account_id,
    )
    outcome = await _judged(request, here, act, form)
    if isinstance(outcome, ProveFirst):
        return await prove(request, PASSWORD, level_for(here))
    if isinstance(outcome, Changed):
        return go(f"{paths.SECURITY}?done=password")
    return _password_page(request, here, outcome)


async def _judged(
    request: Request, here: Standing, act: KeepCredentials, form: Form
) -> Changed | ProveFirst | dict[str, str]:
    """What became of it; or what is wrong, field by field. The present password is looked at last."""
    services, texts = services_of(request), services_of(request).pages.texts_for(request)
    if act.password == form.get("password", ""):
        return {"new_password": texts.t(f"password.weak.{Weak.SAME}")}
    if act.password != form.get("new_password_again", ""):
        return {"new_password_again": texts.t("password.not_the_same")}
    admitted = await services.loop.run(act, act.needs, own_password.admit_change)
    if isinstance(admitted, ProveFirst):
        return admitted
    if isinstance(admitted, Weak):
        return {"new_password": texts.t(f"password.weak.{admitted}", least=LEAST)}
    if isinstance(admitted, TooOften):
        return {"": texts.t("security.too_often")}
    outcome = await _changed(request, here, act, admitted, form)
    return {"password": texts.t("password.wrong")} if isinstance(outcome, NotRight) else outcome


async def _changed(
    request: Request, here: Standing, act: KeepCredentials, admitted: AdmittedChange, form: Form
) -> Changed | NotRight | ProveFirst:
    services, pool = services_of(request), pool_of(services_of(request))
    verdict = await pool.verify(admitted.password_hash, form.get("password", "")[:MAX_PASSWORD])
    if not verdict.correct:
        return NotRight()
    others = [
        each
        for each in await services.records.sessions(here.person.account.account_id)
        if each.session_id != here.person.session.session_id
    ]
    told = KeepCredentials(act.digest, farewell=await farewell(services, others))
    checked = CheckedOld(told, admitted.password_hash, verdict, await pool.hash(act.password))
    return await services.loop.run(checked, checked.needs, own_password.change_password)


def _password_page(request: Request, here: Standing, errors: dict[str, str] | None = None) -> Response:
    return render_section(
        request,
        "account_password.html",
        here.person,
        status=422 if errors else 200,
        action=PASSWORD,
        back_path=paths.SECURITY,
        least=LEAST,
        errors=errors or {},
    )

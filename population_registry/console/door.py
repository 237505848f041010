"""The door: the front page, signing in and out, the errand in hand."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from population_registry.console.desk import (
    HOME,
    Work,
    at_desk,
    console_of,
    desk_page,
    render,
    sealed_tokens,
    tokens_of,
    work_of,
)
from population_registry.console.party import SignInRefused
from population_registry.operators.errands import ErrandRefused, read_errand
from population_registry.storage import console_sessions
from population_registry.storage.officers import officer_of_number
from web import PageProblem, csrf, read_form

WRONG = {"purpose": "console.purpose.wrong", "case": "console.case.wrong"}


async def front(request: Request) -> Response:
    """The desk of whoever is signed in; for everybody else the door."""
    work = await work_of(request)
    if work is None:
        return render(request, None, "door.html")
    return desk_page(request, work)


async def sign_in(request: Request) -> Response:
    """Send the officer to the provider."""
    console = console_of(request)
    await csrf.check(request, await read_form(request))
    try:
        return await console.party.begin(request, console.pages.language_for(request).value)
    except SignInRefused as error:
        raise PageProblem(503, "unavailable", cause=error, headers={"Retry-After": "5"}) from error


async def callback(request: Request) -> Response:
    """The provider's answer becomes a session, if the person holds an office."""
    console = console_of(request)
    try:
        arrived = await console.party.finish(request)
    except SignInRefused as refused:
        return render(request, None, "refused.html", 403, why=refused.code)
    now = console.clock()
    async with console.database.pool() as pool:
        known = await officer_of_number(pool, arrived.number)
        if known is None:
            return render(request, None, "refused.html", 403, why="no_office")
        cookie = console_sessions.new_cookie()
        digest = console_sessions.digest_of(cookie)
        await console_sessions.start(
            pool,
            cookie,
            known.officer.officer_id,
            subject=arrived.subject,
            sid=arrived.sid,
            sealed=sealed_tokens(console, digest, arrived.tokens),
            now=now,
            replaces=request.cookies.get(console.cookie),
        )
    answer = RedirectResponse(HOME, 303)
    answer.set_cookie(console.cookie, cookie, httponly=True, samesite="lax", secure=console.https, path="/")
    return answer


async def back_to_desk(request: Request) -> Response:
    """A page that only an act shows (a record) is not shown again by its address; another language begins anew."""
    return RedirectResponse(f"{HOME}?{request.url.query}" if request.url.query else HOME, 303)


@at_desk()
async def take_errand(request: Request, work: Work) -> Response:
    """POST purpose and case; or lay the errand down."""
    form = await read_form(request)
    if form.text("act") == "end":
        errand = None
    else:
        typed = {"purpose": form.text("purpose"), "case": form.text("case")}
        try:
            errand = read_errand(**typed)
        except ErrandRefused as refused:
            errors = {refused.field: WRONG[refused.field]}
            return desk_page(
                request, work, 400, errors=errors, purpose=typed["purpose"], case=typed["case"][:80]
            )
    async with work.console.database.pool() as pool:
        await console_sessions.take_errand(pool, work.session, errand)
    return RedirectResponse(HOME, 303)


@at_desk()
async def sign_out(request: Request, work: Work) -> Response:
    """End the session here at once, then everywhere through the provider."""
    async with work.console.database.pool() as pool:
        await console_sessions.end(pool, work.session)
    try:
        answer = await work.console.party.sign_out(request, tokens_of(work.console, work.session).id_token)
    except SignInRefused:  # the provider is away: at least the console knows nobody any more
        answer = RedirectResponse(HOME, 303)
    answer.delete_cookie(work.console.cookie, path="/", secure=work.console.https, httponly=True)
    return answer


async def told_of_end(request: Request) -> Response:
    """The provider says that a session ended (OIDC Back-Channel Logout 1.0, section 2.5)."""
    console = console_of(request)
    form = await read_form(request, max_fields=4)
    headers = {"Cache-Control": "no-store"}
    try:
        subject, sid = await console.party.told_of_end(form.get("logout_token", ""))
    except SignInRefused as refused:
        if refused.code == "provider_unreachable":
            return JSONResponse({"error": "temporarily_unavailable"}, 503, {**headers, "Retry-After": "5"})
        return JSONResponse({"error": "invalid_request"}, 400, headers)
    async with console.database.pool() as pool:
        await console_sessions.end_as_told(pool, subject=subject, sid=sid)
    return Response(status_code=200, headers=headers)

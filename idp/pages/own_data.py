"""``/account/data``: everything that is kept of me, as a file; and asking that my account be closed."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import own_credentials, own_records, passkey_keeping
from idp.authentication.begin import SignedInPerson
from idp.authentication.own_credentials import KeepCredentials, Standing
from idp.authentication.own_records import CloseRequest, OwnRecordAct
from idp.authentication.passkey_keeping import KeepPasskeys
from idp.domain import paths
from idp.pages.account import own_act_form, render_section
from idp.pages.device import prove
from idp.pages.visit import browser_of, go, page, services_of, signed_in
from idp.ports import Access, Unavailable
from idp.shell import Services

DOWNLOAD: Final = paths.OWN_DATA + "/download"
CLOSE: Final = paths.OWN_DATA + "/close"
WITHDRAW: Final = paths.OWN_DATA + "/close/withdraw"
MOST_LINES: Final = 5_000
MOST_ACCESSES: Final = 500
AT_ONCE: Final = 100
DONE: Final = frozenset({"asked", "withdrawn"})


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.OWN_DATA, show_data),
        page(DOWNLOAD, post_download, "POST"),
        page(CLOSE, post_close, "POST"),
        page(WITHDRAW, post_withdraw, "POST"),
    ]


async def show_data(request: Request) -> Response:
    """What is kept, the file, and the end of the account."""
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.OWN_DATA, 1)
    asked = own_records.waiting(await services_of(request).own.cases(person.account.account_id))
    said = request.query_params.get("done", "")
    return render_section(
        request,
        "account_data.html",
        person,
        download_path=DOWNLOAD,
        close_path=CLOSE,
        withdraw_close_path=WITHDRAW,
        asked=datetime.fromtimestamp(asked.requested_at, UTC) if asked is not None else None,
        done=said if said in DONE else "",
    )


async def post_download(request: Request) -> Response:
    """The file, once a fresh factor was given and the log says so."""
    await own_act_form(request)
    standing = await _fresh(request)
    if standing is None:
        return await prove(request, paths.OWN_DATA, 2)
    if not standing.fresh:
        return await prove(request, paths.OWN_DATA, 2 if _strong(standing) else 1)
    services = services_of(request)
    act = OwnRecordAct(browser_of(request).session)
    person = await services.loop.run(act, act.needs, own_records.download)
    document = await collected(request, services, person)
    body = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    name = f"dinh-danh-{datetime.fromtimestamp(person.now, UTC):%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/json", headers=headers)


async def post_close(request: Request) -> Response:
    """Ask the centre to close the account; wants a fresh factor as every change does."""
    await own_act_form(request)
    standing = await _fresh(request)
    if standing is None or not standing.fresh:
        return await prove(request, paths.OWN_DATA, 1 if standing and not _strong(standing) else 2)
    await _close(request, own_records.ask_to_close)
    return go(f"{paths.OWN_DATA}?done=asked")


async def post_withdraw(request: Request) -> Response:
    """Take it back."""
    await own_act_form(request)
    if await signed_in(request) is None:
        return await prove(request, paths.OWN_DATA, 1)
    await _close(request, own_records.withdraw_close)
    return go(f"{paths.OWN_DATA}?done=withdrawn")


async def collected(request: Request, services: Services, person: SignedInPerson) -> dict[str, Any]:
    """Everything that is kept of one person here, and the registry's log about them; no secret and no hash."""
    account = person.account
    act = KeepPasskeys(browser_of(request).session)
    held = await services.loop.run(act, act.needs, passkey_keeping.held)
    history = await services.records.history(account.account_id, limit=MOST_LINES)
    return {
        "made_at": stamp(person.now),
        "account": {
            "personal_number": account.personal_number,
            "level": account.level,
            "kind": account.account_type,
            "status": account.status,
            "language": account.locale,
        },
        "profile": dict(account.profile),
        "consents": {client_id: sorted(items) for client_id, items in account.consents.items()},
        "sessions": [
            {
                "since": stamp(each.created_at),
                "until": stamp(each.expires_at),
                "browser": each.agent,
                "by": each.amr,
            }
            for each in await services.records.sessions(account.account_id)
        ],
        "passkeys": [
            {"name": each.name, "since": stamp(each.created_at), "backed_up": each.backed_up}
            for each in held.passkeys
        ],
        "history": [
            {
                "at": stamp(each.at),
                "event": each.kind,
                "service": each.client_id,
                "level": each.acr,
                "data": each.claims,
                "reason": each.reason,
            }
            for each in history
        ],
        "registry_log": await _registry_log(services, account.personal_number),
        "reports": [
            {
                "source": each.source,
                "entry": each.reference,
                "said": each.said,
                "state": each.state,
                "at": stamp(each.at),
            }
            for each in await services.own.reports(account.account_id)
        ],
        "requests": [
            {"kind": each.kind, "reason": each.reason, "state": each.state, "at": stamp(each.requested_at)}
            for each in await services.own.cases(account.account_id)
        ],
        "dependants": [
            {
                "number": each.person.number,
                "name": each.person.name,
                "born": each.person.born,
                "is": each.relation,
            }
            for each in await services.own.dependants(account.account_id)
        ],
    }


async def _registry_log(services: Services, number: str) -> list[dict[str, Any]] | str:
    """The newest rows of the registry's log; a word instead when it does not answer."""
    rows: list[Access] = []
    cursor: str | None = None
    try:
        while len(rows) < MOST_ACCESSES:
            found = await services.registry.accesses(number, cursor, AT_ONCE)
            rows += found.entries
            cursor = found.cursor
            if cursor is None:
                break
    except Unavailable:
        return "unavailable"
    return [
        {
            "at": stamp(each.at // 1000),
            "client": each.client,
            "agency": each.agency,
            "officer": each.officer,
            "purpose": each.purpose,
            "procedure": each.procedure,
            "dossier": each.dossier,
            "fields": dict(each.fields),
        }
        for each in rows
    ]


async def _close(request: Request, rule: Any) -> None:
    person = await signed_in(request)
    if person is None:
        return
    services, account_id = services_of(request), person.account.account_id
    act = CloseRequest(browser_of(request).session, account_id, await services.own.cases(account_id))
    await services.loop.run(act, act.needs, rule)


async def _fresh(request: Request) -> Standing | None:
    if await signed_in(request) is None:
        return None
    act = KeepCredentials(browser_of(request).session)
    return await services_of(request).loop.run(act, act.needs, own_credentials.standing)


def _strong(standing: Standing) -> bool:
    return standing.app or standing.email is not None or standing.passkeys > 0


def stamp(seconds: int) -> str:
    """A moment as every machine reads it (RFC 3339, UTC)."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()

"""``/account/passkeys``: a person's own passkeys; adding and removing one needs a second factor given just now."""

from datetime import datetime

import orjson
from starlette.requests import Request
from starlette.responses import Response

from idp.authentication import passkey_keeping
from idp.authentication.passkey_keeping import Held, KeepPasskeys, LastFactor, NotMade, ProveFirst, clean_name
from idp.authentication.passkeys import LONGEST_ID, bytes_of, text_of
from idp.domain import paths
from idp.domain.passkey import Passkey
from idp.pages.account import moment, own_act_form, render_section
from idp.pages.device import prove
from idp.pages.visit import browser_of, go, services_of, signed_in
from web import Form

ADD = paths.PASSKEYS + "/add"
OPTIONS = paths.PASSKEYS + "/options"
RENAME = paths.PASSKEYS + "/rename"
REMOVE = paths.PASSKEYS + "/remove"
DONE = frozenset({"added", "renamed", "removed"})
TWO_FACTORS = 2
MAX_ID = 32


async def show_passkeys(request: Request) -> Response:
    """Each passkey: its name, since when, last used, what it is."""
    if await signed_in(request) is None:
        return await prove(request, paths.PASSKEYS, 1)
    held = await _held(request)
    said = request.query_params.get("done", "")
    return render_section(
        request,
        "account_passkeys.html",
        held.person,
        cards=[_card(each) for each in held.passkeys],
        add_path=ADD,
        rename_path=RENAME,
        remove_path=REMOVE,
        most=services_of(request).policy.most_passkeys,
        longest=passkey_keeping.LONGEST_NAME,
        done=said if said in DONE else "",
    )


async def show_add(request: Request) -> Response:
    """The page on which the browser makes a passkey."""
    if await signed_in(request) is None:
        return await prove(request, ADD, TWO_FACTORS)
    held = await _held(request)
    if not held.fresh:
        return await prove(request, ADD, TWO_FACTORS)
    return _add_page(request, held)


async def post_options(request: Request) -> Response:
    """A challenge for a new passkey, as JSON for the script; 403 when the second factor is no longer fresh."""
    await own_act_form(request)
    act = KeepPasskeys(browser_of(request).session)
    begun = await services_of(request).loop.run(act, act.needs, passkey_keeping.begin)
    if isinstance(begun, ProveFirst):
        return Response(b"{}", 403, media_type="application/json")
    made = {"options": begun.options, "i": begun.interaction_id}
    return Response(orjson.dumps(made), media_type="application/json")


async def post_add(request: Request) -> Response:
    """Keep what the browser made."""
    form = await own_act_form(request)
    name = clean_name(form.text("name")) or services_of(request).pages.texts_for(request).t(
        "passkeys.unnamed"
    )
    act = KeepPasskeys(
        browser_of(request).session,
        name=name,
        interaction_id=form.text("i")[:MAX_ID],
        answer=form.text("credential"),
    )
    outcome = await services_of(request).loop.run(act, act.needs, passkey_keeping.add)
    if isinstance(outcome, ProveFirst):
        return await prove(request, ADD, TWO_FACTORS)
    if isinstance(outcome, NotMade):
        return _add_page(request, await _held(request), problem="passkeys.not_made", name=name)
    return go(f"{paths.PASSKEYS}?done=added")


async def post_rename(request: Request) -> Response:
    """Another name; an empty one changes nothing."""
    form = await own_act_form(request)
    name = clean_name(form.text("name"))
    if name:
        act = KeepPasskeys(browser_of(request).session, _id(form), name)
        await services_of(request).loop.run(act, act.needs, passkey_keeping.rename)
    return go(f"{paths.PASSKEYS}?done=renamed" if name else paths.PASSKEYS)


async def show_remove(request: Request) -> Response:
    """What removing would mean, and the question."""
    credential_id = bytes_of(request.query_params.get("id"), LONGEST_ID)
    here = f"{REMOVE}?id={text_of(credential_id)}"
    if await signed_in(request) is None:
        return await prove(request, here, TWO_FACTORS)
    held = await _held(request)
    passkey = next((each for each in held.passkeys if each.credential_id == credential_id), None)
    if passkey is None:
        return go(paths.PASSKEYS)
    if not held.fresh:
        return await prove(request, here, TWO_FACTORS)
    return _remove_page(request, held, passkey)


async def post_remove(request: Request) -> Response:
    """Forget it, unless nothing else would be a second factor."""
    form = await own_act_form(request)
    act = KeepPasskeys(browser_of(request).session, _id(form))
    outcome = await services_of(request).loop.run(act, act.needs, passkey_keeping.remove)
    if isinstance(outcome, ProveFirst):
        return await prove(request, f"{REMOVE}?id={text_of(act.credential_id)}", TWO_FACTORS)
    if isinstance(outcome, LastFactor):
        held = await _held(request)
        return _remove_page(request, held, held.passkeys[0], status=409)
    return go(f"{paths.PASSKEYS}?done=removed")


def _add_page(request: Request, held: Held, *, problem: str = "", name: str = "") -> Response:
    texts = services_of(request).pages.texts_for(request)
    return render_section(
        request,
        "account_passkey_add.html",
        held.person,
        status=422 if problem else 200,
        action=ADD,
        options_path=OPTIONS,
        list_path=paths.PASSKEYS,
        name=name,
        longest=passkey_keeping.LONGEST_NAME,
        enough=len(held.passkeys) >= services_of(request).policy.most_passkeys,
        errors={"": texts.t(problem)} if problem else {},
    )


def _remove_page(request: Request, held: Held, passkey: Passkey, *, status: int = 200) -> Response:
    last = len(held.passkeys) == 1
    return render_section(
        request,
        "account_passkey_remove.html",
        held.person,
        status=status,
        action=REMOVE,
        list_path=paths.PASSKEYS,
        add_path=ADD,
        card=_card(passkey),
        last=last,
        needed=last and not held.other,
    )


async def _held(request: Request) -> Held:
    act = KeepPasskeys(browser_of(request).session)
    return await services_of(request).loop.run(act, act.needs, passkey_keeping.held)


def _card(passkey: Passkey) -> dict[str, object]:
    used: datetime | None = moment(passkey.last_used_at) if passkey.last_used_at else None
    kind = "synced" if passkey.backup_eligible else "hardware" if passkey.hardware else "device"
    return {
        "id": text_of(passkey.credential_id),
        "name": passkey.name,
        "since": moment(passkey.created_at),
        "used": used,
        "kind": kind,
        "backed_up": passkey.backed_up,
    }


def _id(form: Form) -> bytes:
    return bytes_of(form.text("id"), LONGEST_ID)

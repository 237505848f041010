"""The account centre ``/account``: my data, sessions, services and history; whose is read from the session only."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from idp.authentication.begin import SignedInPerson
from idp.authentication.own_account import EndSome, OwnAct, end_sessions, sign_out_everywhere, withdraw
from idp.authentication.throttling import keyed
from idp.domain import paths
from idp.domain.assurance import Assurance, authentication_level
from idp.domain.audit import AuditKind
from idp.domain.policy import Policy
from idp.domain.session import Session
from idp.domain.writes import NotifyLogout
from idp.pages.consent import claim_labels, described
from idp.pages.farewell import farewell
from idp.pages.visit import browser_of, client_name, go, services_of, signed_in
from idp.ports import HistoryEntry
from web import Form, Texts, csrf, read_form
from web import PageProblem as ShownProblem
from web.formatting import mask_personal_number

SERVICES = paths.ACCOUNT + "/services"
WITHDRAW = SERVICES + "/withdraw"
END_SESSION = paths.ACCOUNT + "/sessions/end"
SIGN_OUT_EVERYWHERE = paths.ACCOUNT + "/sign-out-everywhere"
SIGNED_OUT = "/signed-out"
SHARING = frozenset({AuditKind.CLAIMS_RELEASED, AuditKind.CODE_ISSUED, AuditKind.TOKENS_ISSUED})


def moment(seconds: int) -> datetime:
    """Epoch seconds as a time with a zone."""
    return datetime.fromtimestamp(seconds, UTC)


async def show_account(request: Request) -> Response:
    """Who I am here, and where I am signed in."""
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    services = services_of(request)
    sessions = await services.records.sessions(person.account.account_id)
    mine = [each for each in sessions if each.account_id == person.account.account_id]
    rows = [
        {
            "here": each.session_id == person.session.session_id,
            "ref": session_reference(each, services.policy),
            "agent": each.agent,
            "since": moment(each.created_at),
            "until": moment(each.expires_at),
            "strength": authentication_level(each.amr),
        }
        for each in mine
    ]
    done = request.query_params.get("done", "")
    return render_section(
        request,
        "account.html",
        person,
        sessions=rows,
        end_path=END_SESSION,
        done=done if done in {"ended", "others"} else "",
    )


async def show_services(request: Request) -> Response:
    """Which services I agreed to, and what each received."""
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    services = services_of(request)
    texts = services.pages.texts_for(request)
    known = await services.records.clients()
    received: dict[str, list[str]] = defaultdict(list)
    last: dict[str, datetime] = {}
    for entry in await services.records.history(person.account.account_id, limit=200):
        if entry.client_id and entry.kind in SHARING:
            last.setdefault(entry.client_id, moment(entry.at))
            if entry.kind == AuditKind.CLAIMS_RELEASED:
                received[entry.client_id] += entry.claims
    consents = person.account.consents
    cards = [
        {
            "id": client_id,
            "name": client_name(known.get(client_id), texts.language) or client_id,
            "kind": known[client_id].party_kind.value if client_id in known else "private",
            "agreed": [
                each["name"]
                for each in described(consents.get(client_id, frozenset()), person.account, texts)
            ],
            "received": claim_labels(received[client_id], texts),
            "last": last.get(client_id),
            "revocable": client_id in consents,
        }
        for client_id in dict.fromkeys((*consents, *last))
    ]
    return render_section(
        request, "account_services.html", person, cards=cards, done=request.query_params.get("done", "")
    )


async def post_withdraw(request: Request) -> Response:
    """Withdraw what was agreed with one service."""
    act = await _own_act(request)
    act = replace(act, farewell=await farewell_of_all_sessions(request))
    await services_of(request).loop.run(act, act.needs, withdraw)
    return go(f"{SERVICES}?done=withdrawn")


def session_reference(session: Session, policy: Policy) -> str:
    """What a page calls a session: its id never leaves us."""
    return keyed(policy, "own session", session.session_id)


async def post_end_session(request: Request) -> Response:
    """End one other session of mine, or all others; what is nobody's, or somebody else's, ends nothing."""
    form = await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    services = services_of(request)
    others = [
        each
        for each in await services.records.sessions(person.account.account_id)
        if each.session_id != person.session.session_id
    ]
    wanted = form.text("session")
    if wanted != "others":
        others = [each for each in others if session_reference(each, services.policy) == wanted]
    if not others:
        return go(paths.ACCOUNT)
    act = EndSome(
        browser_of(request).session,
        "" if wanted == "others" else others[0].session_id,
        await farewell(services, others),
    )
    await services.loop.run(act, act.needs, end_sessions)
    return go(f"{paths.ACCOUNT}?done={'others' if wanted == 'others' else 'ended'}")


async def post_sign_out_everywhere(request: Request) -> Response:
    """End every session of mine, this one too."""
    act = await _own_act(request)
    act = replace(act, farewell=await farewell_of_all_sessions(request))
    await services_of(request).loop.run(act, act.needs, sign_out_everywhere)
    return without_session(request, f"{SIGNED_OUT}?everywhere=yes")


def without_session(request: Request, path: str) -> Response:
    """On to a page, and this browser forgets its session."""
    services = services_of(request)
    response = go(path)
    response.delete_cookie(
        services.settings.session_cookie, path="/", secure=services.settings.https, httponly=True
    )
    for cookie in services.settings.browser_state("", request.cookies):
        response.headers.append("set-cookie", cookie)
    return response


async def show_signed_out(request: Request) -> Response:
    """It is over; on a shared computer, close the browser too."""
    everywhere = request.query_params.get("everywhere") == "yes"
    return services_of(request).pages.render(request, "signed_out.html", everywhere=everywhere)


async def own_act_form(request: Request) -> Form:
    """The form of a page outside any interaction, once it is certain that our own page in this session sent it."""
    form = await read_form(request)
    if form.repeated:
        raise ShownProblem(400, "malformed-form")
    digest = browser_of(request).session
    if digest is not None:
        csrf.bind(request, digest.hex())
    await csrf.check(request, form)
    return form


async def _own_act(request: Request) -> OwnAct:
    form = await own_act_form(request)
    return OwnAct(browser_of(request).session, form.text("client_id"))


async def farewell_of_all_sessions(request: Request) -> tuple[NotifyLogout, ...]:
    """The notices to every client of every session of the person, in other browsers too."""
    person = await signed_in(request)
    if person is None:
        return ()
    services = services_of(request)
    return await farewell(services, await services.records.sessions(person.account.account_id))


def render_section(request: Request, template: str, person: SignedInPerson, **context: Any) -> Response:
    """A page of the account centre."""
    services, path = services_of(request), request.url.path
    of_security = path.startswith((paths.PASSKEYS, paths.OWN_DEVICES))
    return services.pages.render(
        request,
        template,
        account_name=person.account.profile.get("name"),
        person=person.account,
        number=mask_personal_number(person.account.personal_number),
        level=Assurance(person.account.level, authentication_level(person.session.amr)),
        sections=(
            ("account.nav.me", paths.ACCOUNT),
            ("account.nav.approvals", paths.APPROVALS),
            ("account.nav.security", paths.SECURITY),
            ("account.nav.services", SERVICES),
            ("account.nav.history", paths.ACCOUNT + "/history"),
            ("account.nav.family", paths.DEPENDANTS),
            ("account.nav.data", paths.OWN_DATA),
        ),
        section=paths.SECURITY if of_security else path,
        withdraw_path=WITHDRAW,
        everywhere_path=SIGN_OUT_EVERYWHERE,
        lock_path=paths.LOCK,
        sign_out_path=paths.END_SESSION,
        **context,
    )


def event_text(entry: HistoryEntry, texts: Texts) -> str:
    """What happened, and why where the owner may want to act on it."""
    key, why = f"event.{entry.kind}", f"reason.{entry.reason}"
    text = texts.t(key) if key in texts else entry.kind
    return f"{text}: {texts.t(why)}" if why in texts else text

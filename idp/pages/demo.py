"""Pages that exist in the demo only: its people as JSON, one-click sign-in, and the outbox of mails.

One-click sign-in is a person with quick fingers, no side door: it opens an interaction and answers each step through
the same rules as the forms do, throttles and spent codes included.
"""

import contextlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from idp.authentication import totp
from idp.authentication.begin import Look, Visit, look
from idp.authentication.progress import Advanced
from idp.domain import paths
from idp.pages import flow
from idp.pages.farewell import farewell_of
from idp.pages.flow import At
from idp.pages.personas import Persona
from idp.pages.visit import advanced, browser_hash, browser_of, go, seen, services_of, set_cookie, signed_in
from idp.shell import Services
from web import PageProblem as ShownProblem
from web import csrf, read_form

SHOWN = 50
"""Newest mails on the outbox page."""


async def list_personas(request: Request) -> Response:
    """Every persona with number, password and what is special, for people and for tests of portals."""
    people = [asdict(persona) for persona in request.app.state.personas]
    return Response(orjson.dumps({"personas": people}), media_type="application/json")


async def post_sign_in(request: Request) -> Response:
    """Sign a persona in: into the account centre, or into the interaction that the form names."""
    form = await read_form(request)
    interaction_id = form.text("i")
    if interaction_id:
        await seen(request, interaction_id)
    else:
        await signed_in(request)  # the start page binds its forms to the session, if there is one
    await csrf.check(request, form)
    persona = next((each for each in request.app.state.personas if each.key == form.text("persona")), None)
    if persona is None:
        raise ShownProblem(404, "not-found")
    services, browser = services_of(request), browser_of(request)
    new_cookie = None
    if not interaction_id:
        level = 2 if persona.secret else 1
        visit = Visit(paths.ACCOUNT, services.pages.language_for(request).value, level)
        begun = await flow.start(services, visit)
        interaction_id, new_cookie = begun.interaction_id, begun.cookie
        browser = replace(browser, interaction=browser_hash(begun.cookie))
    response = await _answered(
        request, At(interaction_id, browser, farewell=await farewell_of(request)), persona
    )
    if new_cookie is not None:
        set_cookie(response, request, services.settings.interaction_cookie, new_cookie)
    return response


async def _answered(request: Request, at: At, persona: Persona) -> Response:
    """Give the password, and the code of the persona's app where one is asked for."""
    services = services_of(request)
    outcome = await flow.answer_password(services, at, persona.number, persona.password)
    if not isinstance(outcome, Advanced):
        return go(f"{paths.SIGN_IN}?i={at.interaction_id}&persona=refused")
    if outcome.cookie is None and persona.secret is not None and outcome.path.startswith(paths.SECOND_FACTOR):
        coded = await _coded(services, at, persona.secret)
        outcome = coded or outcome
    return advanced(request, outcome)


async def _coded(services: Services, at: At, secret: bytes) -> Advanced | None:
    """The app's code; one that was used a moment ago is refused, then its neighbours within the drift are tried."""
    asked = Look(at.interaction_id, at.browser.interaction)
    here = await services.loop.run(asked, asked.needs, look)
    for drift in (0, 1, -1):
        code = totp.code_at(secret, here.now + drift * totp.STEP)
        outcome = await flow.answer_code(services, at, here.interaction.account_id, code)
        if isinstance(outcome, Advanced):
            return outcome
    return None


async def show_outbox(request: Request) -> Response:
    """The newest mails that the demo's catcher kept, and the way back to the code page that ``i`` names."""
    services = services_of(request)
    folder = services.settings.demo_outbox
    wanted = request.query_params.get("to", "").strip().lower()
    interaction_id = request.query_params.get("i", "")
    asked = {name: value for name, value in (("to", wanted), ("i", interaction_id)) if value}
    messages = [each for each in _messages(folder) if wanted in each.recipients.lower()] if folder else []
    return services.pages.render(
        request,
        "demo_outbox.html",
        messages=messages[:SHOWN],
        refresh=f"?{urlencode(asked)}" if asked else request.url.path,
        code_page=f"{paths.SECOND_FACTOR}?{urlencode({'i': interaction_id})}" if interaction_id else "",
    )


@dataclass(frozen=True, slots=True)
class Message:
    """One mail as the page shows it."""

    at: datetime
    recipients: str
    subject: str
    text: str

    @property
    def code(self) -> str:
        """The six digits, to be shown large; empty when the mail holds none."""
        found = re.search(r"\b\d{6}\b", self.text)
        return found[0] if found else ""


def _messages(folder: Path) -> list[Message]:
    found = []
    for path in sorted(folder.glob("*.json"), reverse=True)[: 4 * SHOWN]:
        with contextlib.suppress(OSError, ValueError, KeyError):
            message = json.loads(path.read_text(encoding="utf-8"))
            found.append(
                Message(
                    datetime.fromisoformat(message["received_at"]),
                    ", ".join(map(str, message["recipients"])),
                    str(message["subject"]),
                    str(message["text"]),
                )
            )
    return found

"""From the first click to a filed dossier: start, form, review, file. One journey for every procedure.

The steps, the level they need, the questions to the registry and the refusals are here; what differs is in
:class:`~clients.portal_kit.procedure.Procedure`. Nothing is lost on the way: typed answers live in a draft. Answering
a request for a supplement (CT05) is the same journey on a draft that names the request.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.portal_kit.dossiers import CODE, MAX_CODE
from clients.portal_kit.judging import MAY_BE_FILED, amount_due, is_stale, judged
from clients.portal_kit.kin import known_of
from clients.portal_kit.linked import PARTS
from clients.portal_kit.portal import Portal, now, portal_of
from clients.portal_kit.procedure import FormRead, Procedure, typed
from clients.portal_kit.question import RELATIONS
from clients.portal_kit.questions.showing import answers_shown
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.registry import Question
from clients.portal_kit.registry_dossiers import ProcedureFacts
from clients.portal_kit.sending import send
from clients.portal_kit.storage.drafts import Draft
from clients.portal_kit.storage.sessions import PortalSession
from clients.portal_kit.wire import RegistryGone, RegistryRefused
from clients.portal_kit.words import Words
from web import PageProblem, csrf, read_form

__all__ = ["FormRead", "Procedure", "filing_routes"]
SHOWS: Final = re.compile(r"show-([a-z_]{1,40})")
"""The button that shows more questions, and where to go on."""
NO_ANSWERS: Final = frozenset({csrf.FIELD, "act", "draft_key"})


def filing_routes(procedure: Procedure) -> APIRouter:
    """The routes of one procedure's journey."""
    router = APIRouter(prefix=procedure.path, include_in_schema=False)
    journey = Journey(procedure)
    router.add_api_route("", journey.introduce, methods=["GET"])
    router.add_api_route("", journey.start, methods=["POST"])
    router.add_api_route("/{code}", journey.show_form, methods=["GET"])
    router.add_api_route("/{code}", journey.take_form, methods=["POST"])
    router.add_api_route("/{code}/review", journey.review, methods=["GET"])
    router.add_api_route("/{code}/file", journey.file, methods=["POST"])
    return router


class Journey:
    """The steps of one procedure; each needs the level of filing and asks for it when it is missing."""

    def __init__(self, procedure: Procedure) -> None:
        self._procedure = procedure
        self._facts: ProcedureFacts | None = None

    async def introduce(self, request: Request) -> Response:
        """What the procedure is, what it needs, how long it takes and what it costs: open to everybody."""
        portal = portal_of(request)
        session = await portal.session(request)
        if self._facts is None:  # public reference data: learned once; the page serves without it too
            with suppress(RegistryGone, RegistryRefused):
                self._facts = await portal.dossiers.describe(self._procedure.procedure_code)
        return portal.render(
            request,
            self._procedure.intro_template,
            procedure=self._procedure,
            facts=self._facts,
            bodies=PARTS.get(self._procedure.procedure_code, ()),
            may_file=session is not None and portal.may_file(session),
        )

    async def start(self, request: Request) -> Response:
        """Reserve a dossier code and fetch what is known already, so that nobody types it again."""
        portal = portal_of(request)
        session = await portal.session(request)
        await csrf.check(request, await read_form(request))
        if session is None or not portal.may_file(session):
            return portal.to_sign_in(request, filing=True)
        if session.acting is not None and not self._procedure.on_behalf:
            return RedirectResponse(self._procedure.path, status_code=303)
        code = await portal.filed.reserve_code(self._procedure.agency_code, self._procedure.system_code)
        question = Question(self._procedure.purpose, self._procedure.procedure_code, code)
        try:
            own = await self._known(portal, session, question)
            answers = await self._procedure.prefill(portal, own)
        except REFUSALS as refusal:
            return refused(request, session, refusal, filing=True)
        started = Draft(code, self._procedure.procedure_code, own=own, answers=answers)
        await portal.drafts.start(session.keeper, started)
        return self._to(code)

    async def _known(self, portal: Portal, session: PortalSession, question: Question) -> Mapping[str, Any]:
        """The record of the one for whom it is filed, where whoever files may have it released."""
        token = await portal.token(session)
        if session.acting is not None and not session.acting.dependant.releases:
            dependant, own = session.acting.dependant, await portal.own_access(session)
            return await known_of(portal, own, question, dependant, self._procedure.releases)
        released = await portal.registry.release(token, question, self._procedure.releases)
        values: Mapping[str, Any] = released["values"]
        return values

    async def show_form(self, request: Request, code: str) -> Response:
        """The form, with what was typed before."""
        portal, session, found = await self._draft(request, code)
        if session is None or found is None:
            return portal.to_sign_in(request, filing=True)
        return await self._form(request, session, found)

    async def take_form(self, request: Request, code: str) -> Response:
        """Keep the answers; then offer more choices, name the mistakes, or have the registry judge them."""
        portal, session, found = await self._draft(request, code)
        form = await read_form(request)
        await csrf.check(request, form)
        answers = {name: list(form.all(name)) for name in form if name not in NO_ANSWERS}
        if session is None or found is None:  # the session ended while somebody was typing
            await portal.drafts.rescue(code, form.get("draft_key", ""), answers)
            return portal.to_sign_in(request, filing=True)
        kept = replace(found, answers=answers, assessment={})
        await portal.drafts.keep(kept)
        if (act := form.text("act")) and (shown := SHOWS.fullmatch(act)):
            return self._to(code, f"#{shown[1]}")
        try:
            choices = await self._procedure.choices(portal, kept)
            result = self._procedure.read(form, choices, now().date())
            if result.errors:
                return await self._form(request, session, kept, result.errors)
            assessment = await judged(portal, session, self._procedure, kept, result.inputs)
        except REFUSALS as refusal:
            return refused(request, session, refusal, filing=True, draft=self._address(code))
        await portal.drafts.keep(replace(kept, assessment=assessment))
        return self._to(code, "/review")

    async def review(self, request: Request, code: str) -> Response:
        """Everything once more before it is filed: answers, checks with reasons, deadline, fee."""
        portal, session, found = await self._draft(request, code)
        if session is None or found is None:
            return portal.to_sign_in(request, filing=True)
        if not found.assessment:
            return self._to(code)
        try:
            choices = await self._procedure.choices(portal, found)
        except REFUSALS as refusal:
            return refused(request, session, refusal, filing=True, draft=self._address(code))
        return portal.render(
            request,
            self._procedure.review_template,
            draft=found,
            own=found.own,
            answers=typed(found.answers),
            choices=choices,
            assessment=found.assessment,
            may_be_filed=found.assessment["outcome"] in MAY_BE_FILED,
            amount=amount_due(found.assessment, self._procedure),
            procedure=self._procedure,
            bodies=PARTS.get(self._procedure.procedure_code, ()),
            shown=answers_shown(
                self._procedure.sections,
                found.assessment["inputs"],
                typed(found.answers),
                choices,
                Words(portal.pages.texts_for(request)),
            ),
        )

    async def file(self, request: Request, code: str) -> Response:
        """File the dossier at the registry, or send the supplement; pressed twice it happens once."""
        portal, session, found = await self._draft(request, code, or_filed=True)
        await csrf.check(request, await read_form(request))
        if session is None:
            return portal.to_sign_in(request, filing=True, back_to=f"{self._address(code)}/review")
        if found is None:  # the answer to the first press was lost: the dossier is there
            return RedirectResponse(f"/dossiers/{code}", status_code=303)
        assessment = found.assessment
        try:
            if assessment and is_stale(assessment):
                assessment = await judged(portal, session, self._procedure, found, assessment["inputs"])
                await portal.drafts.keep(replace(found, assessment=assessment))
            if not assessment or assessment["outcome"] not in MAY_BE_FILED:
                return self._to(code, "/review")
            inputs = self._procedure.to_file(self._procedure.finish(dict(assessment["inputs"])))
            dossier = await send(portal, session, self._procedure, found, inputs)
        except REFUSALS as refusal:
            return refused(request, session, refusal, filing=True, draft=f"{self._address(code)}/review")
        await portal.filed.keep(
            dossier,
            session.keeper,
            details={
                "personal_number": found.own["number"],
                "own": found.own,
                "answers": found.answers,
                "inputs": assessment["inputs"],
                "premium": assessment.get("premium"),
            },
            receipts=(assessment["verification"]["receipt"],),
        )
        await portal.drafts.forget(code)
        return RedirectResponse(f"/dossiers/{code}", status_code=303)

    def _address(self, code: str) -> str:
        return f"{self._procedure.path}/{code}"

    def _to(self, code: str, suffix: str = "") -> Response:
        return RedirectResponse(self._address(code) + suffix, status_code=303)

    async def _draft(
        self, request: Request, code: str, *, or_filed: bool = False
    ) -> tuple[Portal, PortalSession | None, Draft | None]:
        portal = portal_of(request)
        session = await portal.session(request)
        if session is None or not portal.may_file(session):
            return portal, None, None
        if len(code) > MAX_CODE or not CODE.match(code):
            raise PageProblem(404, "not-found")
        found = await portal.drafts.find(session.keeper, code)
        if found is None or found.procedure_code != self._procedure.procedure_code:
            if or_filed and await portal.filed.one(code, session.keeper) is not None:
                return portal, session, None
            if getattr(request.state, "acting_ended", ""):  # a birthday came while the form was open
                raise PageProblem(403, "draft-ended")
            raise PageProblem(404, "draft-gone")
        return portal, session, found

    async def _form(
        self,
        request: Request,
        session: PortalSession,
        found: Draft,
        errors: tuple[tuple[str, str], ...] = (),
    ) -> Response:
        portal = portal_of(request)
        try:
            choices = await self._procedure.choices(portal, found)
        except REFUSALS as refusal:
            return refused(request, session, refusal, filing=True, draft=self._address(found.code))
        texts = portal.pages.texts_for(request)
        return portal.render(
            request,
            self._procedure.form_template,
            status=422 if errors else 200,
            draft=found,
            own=found.own,
            answers=typed(found.answers),
            errors=first_of_each((name, texts.t(key)) for name, key in errors),
            choices=choices,
            procedure=self._procedure,
            every=found.answers,
            draft_key=portal.drafts.key_of(found.code, session.keeper),
            relations=RELATIONS,
        )


def first_of_each(errors: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One mistake for each field, in the order of the page."""
    found: dict[str, str] = {}
    for name, text in errors:
        found.setdefault(name, text)
    return found

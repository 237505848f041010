"""From the first click to a filed dossier: start, form, review, file. One journey for every procedure.

The steps, the level they need, the questions to the registry and the refusals are here; what differs is in
:class:`~clients.portal_kit.procedure.Procedure`. Nothing is lost on the way: typed answers live in a draft.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.portal_kit.dossiers import CODE, MAX_CODE, DossierState
from clients.portal_kit.portal import Portal, now, personal_number_of, portal_of
from clients.portal_kit.procedure import FormRead, Procedure, typed
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.registry import Question
from clients.portal_kit.storage.drafts import Draft
from clients.portal_kit.storage.sessions import PortalSession
from web import PageProblem, csrf, read_form

__all__ = ["FormRead", "Procedure", "filing_routes"]

ASSESSMENT_HOLDS: Final = timedelta(minutes=15)
"""An older judgement is asked anew before filing: facts and the day of receipt may have changed."""
MAY_BE_FILED: Final = frozenset({"pass", "unknown"})
"""A failed check is a refusal known beforehand; an open one is for an officer to decide."""


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

    async def introduce(self, request: Request) -> Response:
        """What the procedure is, what it needs, how long it takes and what it costs: open to everybody."""
        portal = portal_of(request)
        session = await portal.session(request)
        return portal.render(
            request,
            self._procedure.intro_template,
            procedure=self._procedure,
            may_file=session is not None and portal.may_file(session),
        )

    async def start(self, request: Request) -> Response:
        """Reserve a dossier code and fetch what is known already, so that nobody types it again."""
        portal = portal_of(request)
        session = await portal.session(request)
        await csrf.check(request, await read_form(request))
        if session is None or not portal.may_file(session):
            return portal.to_sign_in(request, filing=True)
        code = await portal.dossiers.reserve_code(self._procedure.agency_code, self._procedure.system_code)
        try:
            token = await portal.token(session)
            released = await portal.registry.release(token, self._question(code), self._procedure.releases)
            answers = await self._procedure.prefill(portal, released["values"])
        except REFUSALS as refusal:
            return refused(request, session, refusal, filing=True)
        started = Draft(code, self._procedure.procedure_code, own=released["values"], answers=answers)
        await portal.drafts.start(session.signed_in.subject, started)
        return self._to(code)

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
        if session is None or found is None:
            return portal.to_sign_in(request, filing=True)
        answers = {name: list(form.all(name)) for name in form if name not in {csrf.FIELD, "act"}}
        kept = replace(found, answers=answers, assessment={})
        await portal.drafts.keep(kept)
        if form.text("act") == "choose":
            return self._to(code, "#commune")
        try:
            choices = await self._procedure.choices(portal, kept)
            result = self._procedure.read(form, choices, now().date())
            if result.errors:
                return await self._form(request, session, kept, result.errors)
            assessment = await self._assess(portal, session, kept, result.inputs)
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
            amount=amount_due(found.assessment),
            procedure=self._procedure,
        )

    async def file(self, request: Request, code: str) -> Response:
        """File the dossier: state 1, and 2 at once, since the identity checks were answered and signed."""
        portal, session, found = await self._draft(request, code, or_filed=True)
        await csrf.check(request, await read_form(request))
        if session is None:
            return portal.to_sign_in(request, filing=True, back_to=f"{self._address(code)}/review")
        if found is None:  # the answer to the first press was lost: the dossier is there
            return RedirectResponse(f"/dossiers/{code}", status_code=303)
        assessment = found.assessment
        if assessment and now() - datetime.fromisoformat(assessment["assessed_at"]) > ASSESSMENT_HOLDS:
            try:
                assessment = await self._assess(portal, session, found, assessment["inputs"])
            except REFUSALS as refusal:
                return refused(request, session, refusal, filing=True, draft=self._address(code))
            await portal.drafts.keep(replace(found, assessment=assessment))
        if not assessment or assessment["outcome"] not in MAY_BE_FILED:
            return self._to(code, "/review")
        filed = await portal.dossiers.file(
            code=code,
            procedure_code=self._procedure.procedure_code,
            subject=session.signed_in.subject,
            submission_key=code,
            details={
                "personal_number": personal_number_of(session),
                "own": found.own,
                "inputs": assessment["inputs"],
                "premium": assessment.get("premium"),
            },
            checks={"checks": assessment["checks"]},
            receipts=(assessment["verification"]["receipt"],),
            due_on=date.fromisoformat(assessment["deadline"]["due_on"]),
            fee=amount_due(assessment),
        )
        if filed.state is DossierState.SUBMITTED:
            await portal.dossiers.receive(code)
        await portal.drafts.forget(code)
        return RedirectResponse(f"/dossiers/{code}", status_code=303)

    async def _assess(
        self, portal: Portal, session: PortalSession, found: Draft, inputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The registry's judgement of the inputs, with them and the moment it was made."""
        received_at = now()
        claims = {"name": found.own["name"]["full"], "birth_date": found.own["birth_date"]}
        answer = await portal.registry.assess(
            await portal.token(session),
            self._question(found.code),
            received_at=received_at,
            inputs=inputs,
            subject={"number": personal_number_of(session)},
            claims=claims,
        )
        return {**answer, "inputs": inputs, "assessed_at": received_at.isoformat()}

    def _address(self, code: str) -> str:
        return f"{self._procedure.path}/{code}"

    def _to(self, code: str, suffix: str = "") -> Response:
        return RedirectResponse(self._address(code) + suffix, status_code=303)

    def _question(self, code: str) -> Question:
        return Question(self._procedure.purpose, self._procedure.procedure_code, code)

    async def _draft(
        self, request: Request, code: str, *, or_filed: bool = False
    ) -> tuple[Portal, PortalSession | None, Draft | None]:
        portal = portal_of(request)
        session = await portal.session(request)
        if session is None or not portal.may_file(session):
            return portal, None, None
        if len(code) > MAX_CODE or not CODE.match(code):
            raise PageProblem(404, "not-found")
        found = await portal.drafts.find(session.signed_in.subject, code)
        if found is None or found.procedure_code != self._procedure.procedure_code:
            if or_filed and await portal.dossiers.one(code, session.signed_in.subject) is not None:
                return portal, session, None
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
        )


def first_of_each(errors: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One mistake for each field, in the order of the page."""
    found: dict[str, str] = {}
    for name, text in errors:
        found.setdefault(name, text)
    return found


def amount_due(assessment: Mapping[str, Any]) -> int:
    """The fee or premium in đồng."""
    if assessment.get("premium"):
        return int(assessment["premium"]["total"])
    return int((assessment.get("fee") or {}).get("amount", 0))

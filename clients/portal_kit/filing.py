"""From the first click to a filed dossier: start, form, review, file. One journey for every procedure.

A procedure says what it releases, how it reads its form, and which templates show it; the steps, the level they need,
the questions to the registry and the refusals are here. Nothing is lost on the way: typed answers live in a draft.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.portal_kit.dossiers import CODE, DossierState
from clients.portal_kit.portal import Portal, now, personal_number_of, portal_of
from clients.portal_kit.registry import Question, RegistryGone, RegistryRefused
from clients.portal_kit.storage.drafts import Draft
from clients.portal_kit.storage.sessions import PortalSession
from clients.relying_party import SignInFailed
from web import Form, PageProblem, csrf, read_form

MAX_CODE: Final = 40


@dataclass(frozen=True, slots=True)
class FormRead:
    """A form after reading: the registry's ``inputs``, or ``errors`` as (field, text id) pairs."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure at this portal.

    ``releases`` are fields of the person's own record that pre-fill the form ("once only"); ``choices`` loads what
    the form offers (communes, members); ``read`` judges the answers' form, never their truth: that is the registry's.
    """

    procedure_code: str
    path: str
    purpose: str
    agency_code: str
    system_code: str
    releases: tuple[str, ...]
    read: Callable[[Form, Draft, date], FormRead]
    intro_template: str
    form_template: str
    review_template: str
    choices: Callable[[Portal, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


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
            request, self._procedure.intro_template, session=session, procedure=self._procedure
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
        except (RegistryGone, RegistryRefused, SignInFailed) as refusal:
            return self._refused(request, refusal)
        await portal.drafts.start(
            session.signed_in.subject,
            Draft(code, self._procedure.procedure_code, own=released["values"]),
        )
        return RedirectResponse(f"{self._procedure.path}/{code}", status_code=303)

    async def show_form(self, request: Request, code: str) -> Response:
        """The form, with what was typed before."""
        portal, session, found = await self._draft(request, code)
        if session is None or found is None:
            return portal.to_sign_in(request, filing=True)
        return await self._form(request, portal, found, found.answers, ())

    async def take_form(self, request: Request, code: str) -> Response:
        """Read the answers, have the registry assess them, and go on to the review."""
        portal, session, found = await self._draft(request, code)
        form = await read_form(request)
        await csrf.check(request, form)
        if session is None or found is None:
            return portal.to_sign_in(request, filing=True)
        answers = {name: list(form.all(name)) for name in form if name != csrf.FIELD}
        result = self._procedure.read(form, found, now().date())
        kept = replace(found, answers=answers, assessment={})
        if result.errors:
            await portal.drafts.keep(kept)
            return await self._form(request, portal, kept, answers, result.errors, status=422)
        await portal.drafts.keep(kept)
        try:
            assessment = await portal.registry.assess(
                await portal.token(session),
                self._question(code),
                received_at=now(),
                inputs=result.inputs,
                subject={"number": personal_number_of(session)},
                claims={name: found.own[name] for name in ("name", "birth_date") if name in found.own},
            )
        except (RegistryGone, RegistryRefused, SignInFailed) as refusal:
            return self._refused(request, refusal)
        await portal.drafts.keep(replace(kept, assessment={**assessment, "inputs": result.inputs}))
        return RedirectResponse(f"{self._procedure.path}/{code}/review", status_code=303)

    async def review(self, request: Request, code: str) -> Response:
        """Everything once more before it is filed: answers, checks with reasons, deadline, fee."""
        portal, session, found = await self._draft(request, code)
        if session is None or found is None:
            return portal.to_sign_in(request, filing=True)
        if not found.assessment:
            return RedirectResponse(f"{self._procedure.path}/{code}", status_code=303)
        return portal.render(
            request,
            self._procedure.review_template,
            draft=found,
            assessment=found.assessment,
            may_be_filed=found.assessment["outcome"] == "pass",
            procedure=self._procedure,
            step=2,
        )

    async def file(self, request: Request, code: str) -> Response:
        """File the dossier: state 1, and 2 at once, since the identity checks were answered and signed."""
        portal, session, found = await self._draft(request, code, or_filed=True)
        await csrf.check(request, await read_form(request))
        if session is None:
            return portal.to_sign_in(request, filing=True, back_to=f"{self._procedure.path}/{code}/review")
        if found is None:  # the answer to the first press was lost: the dossier is there
            return RedirectResponse(f"/dossiers/{code}", status_code=303)
        if not found.assessment or found.assessment["outcome"] != "pass":
            return RedirectResponse(f"{self._procedure.path}/{code}/review", status_code=303)
        assessment = found.assessment
        filed = await portal.dossiers.file(
            code=code,
            procedure_code=self._procedure.procedure_code,
            subject=session.signed_in.subject,
            submission_key=code,
            details={
                "personal_number": personal_number_of(session),
                "own": found.own,
                "inputs": assessment["inputs"],
            },
            checks={"checks": assessment["checks"]},
            receipts=(assessment["verification"]["receipt"],),
            due_on=date.fromisoformat(assessment["deadline"]["due_on"]),
            fee=amount_due(assessment),
        )
        if filed.state is DossierState.SUBMITTED:
            await portal.dossiers.move(code, DossierState.RECEIVED)
        await portal.drafts.forget(code)
        return RedirectResponse(f"/dossiers/{code}", status_code=303)

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
        portal: Portal,
        found: Draft,
        answers: Mapping[str, Any],
        errors: tuple[tuple[str, str], ...],
        status: int = 200,
    ) -> Response:
        try:
            choices = await self._procedure.choices(portal, {"own": found.own, "answers": answers})
        except (RegistryGone, RegistryRefused) as refusal:
            return self._refused(request, refusal)
        texts = portal.pages.texts_for(request)
        return portal.render(
            request,
            self._procedure.form_template,
            status=status,
            draft=found,
            answers=answers,
            errors=[(name, texts.t(key)) for name, key in errors],
            choices=choices,
            procedure=self._procedure,
            step=1,
        )

    def _refused(self, request: Request, refusal: Exception) -> Response:
        portal = portal_of(request)
        if isinstance(refusal, RegistryGone):
            return portal.render(request, "registry_gone.html", 503)
        if isinstance(refusal, SignInFailed) or (
            isinstance(refusal, RegistryRefused) and refusal.needs_sign_in
        ):
            return portal.to_sign_in(request, filing=True)
        assert isinstance(refusal, RegistryRefused)
        return portal.render(
            request, "registry_refused.html", refusal.status, code=refusal.code, detail=refusal.detail
        )


def amount_due(assessment: Mapping[str, Any]) -> int:
    """The fee or premium in đồng."""
    if "premium" in assessment:
        return int(assessment["premium"]["total"])
    return int(assessment.get("fee", {}).get("amount", 0))

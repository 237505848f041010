"""The form of a case: what its procedure asks now, what was typed, and how it reads again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from clients.one_stop_portal.cases import ASSISTED, FORM, Case, draft_for_form, kept
from clients.portal_kit.filing import NO_ANSWERS, SHOWS, first_of_each
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import typed
from clients.portal_kit.question import RELATIONS
from clients.portal_kit.questions.showing import answers_shown
from clients.portal_kit.words import Words
from web import Form


async def form_parts(request: Request, portal: Portal, case: Case) -> Mapping[str, Any]:
    """What the templates need: the questions put now, or the answers in words. Raises as the registry's client."""
    procedure = case.service.procedure
    choices = await procedure.choices(portal, draft_for_form(case))
    answers = typed(case.answers)
    if case.stage == FORM:
        return {
            "procedure": procedure,
            "choices": choices,
            "own": case.own,
            "answers": answers,
            "every": case.answers,
            "relations": RELATIONS,
            "staff_fills_in": case.party == ASSISTED,
            "shown": (),
        }
    words = Words(portal.pages.texts_for(request))
    rows = answers_shown(procedure.sections, case.inputs, answers, choices, words)
    return {"shown": [(label, value) for label, value, _ in rows]}


async def taken(
    request: Request, portal: Portal, case: Case, form: Form
) -> tuple[Case, Mapping[str, str], str]:
    """The case with what was typed, its mistakes, and the anchor to go on at when only more questions were wanted.

    Raises as the registry's client; what was typed is kept before it is asked.
    """
    answers = {name: list(form.all(name)) for name in form if name not in NO_ANSWERS}
    case = await kept(portal, replace(case, answers=answers, inputs={}))
    if shown := SHOWS.fullmatch(form.text("act")):
        return case, {}, f"#{shown[1]}"
    choices = await case.service.procedure.choices(portal, draft_for_form(case))
    read = case.service.read(form, choices, now().date())
    texts = portal.pages.texts_for(request)
    errors = first_of_each((name, texts.t(key)) for name, key in read.errors)
    return replace(case, inputs=read.inputs), errors, ""

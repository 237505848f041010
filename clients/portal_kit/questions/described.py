"""A procedure made from its description: sections of questions, and how answers become the registry's inputs."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from clients.portal_kit.portal import Portal
from clients.portal_kit.procedure import Answers, Choices, FormRead, Guide, Procedure, as_read
from clients.portal_kit.question import Section
from clients.portal_kit.questions.offering import offered
from clients.portal_kit.questions.reading import read_answers
from web import Form

Finish = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns the answers, by the names of their questions, into the registry's inputs."""
Judge = Callable[[Mapping[str, Any], date], tuple[tuple[str, str], ...]]
"""Mistakes between answers, each of which can be read, as (field, text id) pairs."""


async def nothing_known(_portal: Portal, _own: Mapping[str, Any]) -> Answers:
    """A form that begins empty."""
    return {}


def nothing_wrong(_inputs: Mapping[str, Any], _today: date) -> tuple[tuple[str, str], ...]:
    """Answers that cannot contradict each other."""
    return ()


def described(
    *,
    code: str,
    path: str,
    purpose: str,
    sections: tuple[Section, ...],
    guide: Guide,
    releases: tuple[str, ...],
    agency_code: str,
    system_code: str,
    prefill: Callable[[Portal, Mapping[str, Any]], Awaitable[Answers]] = nothing_known,
    judge: Judge = nothing_wrong,
    finish: Finish = as_read,
    verifies: tuple[str, ...] = ("name", "birth_date"),
    assesses: bool = False,
    to_file: Callable[[Mapping[str, Any]], Mapping[str, Any]] = as_read,
    on_behalf: bool = True,
    intro_template: str = "procedure_intro.html",
    review_template: str = "procedure_review.html",
) -> Procedure:
    """The portal's procedure of that description; its pages are those of the kit."""

    def read(form: Form, choices: Choices, today: date) -> FormRead:
        found = read_answers(sections, form, choices)
        errors = (*found.errors, *judge(found.inputs, today))
        return FormRead(errors=errors) if errors else FormRead(found.inputs)

    return Procedure(
        procedure_code=code,
        path=path,
        purpose=purpose,
        agency_code=agency_code,
        system_code=system_code,
        releases=releases,
        prefill=prefill,
        choices=offered,
        read=read,
        guide=guide,
        form_template="procedure_form.html",
        review_template=review_template,
        intro_template=intro_template,
        verifies=verifies,
        assesses=assesses,
        sections=sections,
        finish=finish,
        to_file=to_file,
        on_behalf=on_behalf,
    )

"""The papers of a dossier's acts as files: one line of history with a form is one signed paper."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from population_registry.api.dossiers import acting
from population_registry.api.dossiers.act_papers import line_of, paper_of
from population_registry.console.desk import Work, at_desk
from population_registry.console.dossiers import caller_of, dossier_of
from population_registry.papers.confirmation.issuing import opened
from web import PageProblem, exchange_of

DIGITS: Final = 6


@at_desk()
async def paper(request: Request, work: Work) -> Response:
    """One paper as PDF; the applicant finds the look in their log. 404: no such line, or one without a paper."""
    code, typed = request.path_params["code"], request.path_params["number"]
    dossier = await dossier_of(work, code)
    if not (typed.isascii() and typed.isdecimal() and len(typed) < DIGITS and line_of(dossier, int(typed))):
        raise PageProblem(404, "not-found")
    asker, request_id = work.officer.officer_id, exchange_of(request).request_id
    await acting.read(work.console.desk, caller_of(work), code, asker, request_id)
    row = await paper_of(work.console.desk, caller_of(work), dossier, int(typed), asker, request_id)
    file = await work.console.press.pressed(row, opened(row, work.console.ring))
    named = f'attachment; filename="{row.form}-{code}.pdf"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(file, headers=headers, media_type="application/pdf")

"""Problem details (RFC 9457) for machines, an error page for people: one problem, shown as the reader accepts."""

import logging
from http import HTTPStatus

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.exchange import exchange_of
from web.installed import installed
from web.problems import SLUGS, Problem

log = logging.getLogger("web.problems")


def wants_page(request: Request, machine_paths: tuple[str, ...] = ()) -> bool:
    """Whether the reader is a browser that should get a page: it accepts HTML and the path is no machine's."""
    if machine_paths and request.url.path.startswith(machine_paths):
        return False
    for part in request.headers.get("accept", "").split(","):
        kind, _, parameters = part.partition(";")
        if kind.strip().lower() in {"text/html", "application/xhtml+xml"}:
            return parameters.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


async def problem_response(request: Request, problem: Problem) -> Response:
    """The answer for a problem: an error page or ``application/problem+json``, in the reader's language."""
    web = installed(request)
    reference = exchange_of(request).request_id
    texts = web.pages.texts_for(request)
    title_key, detail_key = problem.title_key, problem.detail_key
    if title_key not in texts:
        title_key = f"problem.{SLUGS.get(problem.status_code, 'bad-request')}.title"
        detail_key = detail_key if detail_key in texts else title_key.removesuffix("title") + "detail"
    title = texts.t(title_key, **problem.text_values)
    detail = problem.fixed_detail
    if detail is None and detail_key in texts:
        detail = texts.t(detail_key, **problem.text_values)
    if problem.cause is not None:
        log.info("refused", extra={"code": problem.code, "cause": str(problem.cause)})
    if problem.page_only or wants_page(request, web.machine_paths):
        # In trouble of our own nobody is looked up: that might fail again.
        if problem.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            await web.pages.recognise(request)
        response: Response = web.pages.render(
            request,
            "problem.html",
            status=problem.status_code,
            problem_title=title,
            problem_detail=detail or "",
            problem_code=problem.code,
            reference=reference,
        )
    else:
        document = {
            "type": f"{web.settings.public_url}/problems/{problem.type_slug}",
            "title": title,
            "status": problem.status_code,
            "detail": detail or title,
            "code": problem.code,
            "instance": reference,
            **problem.extensions,
        }
        response = Response(
            orjson.dumps(document),
            problem.status_code,
            {"Content-Language": texts.language.value},
            media_type="application/problem+json",
        )
    response.headers.update(problem.headers or {})
    response.headers.add_vary_header("Accept, Accept-Language")
    return response


async def handle_http_exception(request: Request, error: Exception) -> Response:
    """Answer a `Problem` or a framework's plain HTTP error."""
    if isinstance(error, Problem):
        return await problem_response(request, error)
    assert isinstance(error, HTTPException)
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return Response(status_code=error.status_code, headers=error.headers)
    is_ours = error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    slug = SLUGS.get(error.status_code, "unexpected" if is_ours else "bad-request")
    return await problem_response(
        request, Problem(error.status_code, slug, headers=error.headers, cause=error)
    )


async def handle_validation(request: Request, error: Exception) -> Response:
    """Answer 422 with places and rules of the mistakes, never with the values: those may be personal data."""
    assert isinstance(error, RequestValidationError)
    mistakes = [
        {"place": ".".join(str(step) for step in mistake["loc"]), "rule": mistake["type"]}
        for mistake in error.errors()
    ]
    return await problem_response(request, Problem(422, "invalid-input", errors=mistakes))

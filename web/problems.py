"""Problem details (RFC 9457) for machines, an error page for people: one problem, shown as the reader accepts."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.exchange import exchange_of

if TYPE_CHECKING:
    from web.wiring import Web

log = logging.getLogger("web.problems")

SLUGS = {
    400: "bad-request",
    401: "sign-in-needed",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    410: "gone",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "invalid-input",
    429: "too-many-requests",
    500: "unexpected",
    503: "unavailable",
}
RESERVED = frozenset({"type", "title", "status", "detail", "code", "instance"})


class Problem(HTTPException):
    """A refusal that becomes an RFC 9457 answer or an error page.

    ``type_slug`` ends the problem type's URI and is, unless ``code`` differs, the language-free code. Title and
    detail are the texts ``problem.<slug>.title`` and ``.detail`` unless keys or a fixed ``detail`` are given;
    ``text_values`` fill their placeholders. ``cause`` is for logs and never serialised. ``extensions`` become
    members of the JSON document.
    """

    page_only = False

    def __init__(
        self,
        status: int,
        type_slug: str,
        *,
        title_key: str | None = None,
        detail: str | None = None,
        detail_key: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        cause: str | BaseException | None = None,
        text_values: Mapping[str, Any] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(status, detail=type_slug, headers=headers)
        if RESERVED & extensions.keys():
            raise ValueError("an extension may not replace a member of RFC 9457")
        self.type_slug = type_slug
        self.title_key = title_key or f"problem.{type_slug}.title"
        self.detail_key = detail_key or f"problem.{type_slug}.detail"
        self.fixed_detail = detail
        self.code = code or type_slug
        self.cause = cause
        self.text_values = dict(text_values or {})
        self.extensions = extensions


class PageProblem(Problem):
    """A refusal that only people can meet: always answered with the error page."""

    page_only = True


def wants_page(request: Request, machine_paths: tuple[str, ...] = ()) -> bool:
    """Whether the reader is a browser that should get a page: it accepts HTML and the path is no machine's."""
    if machine_paths and request.url.path.startswith(machine_paths):
        return False
    for part in request.headers.get("accept", "").split(","):
        kind, _, parameters = part.partition(";")
        if kind.strip().lower() in {"text/html", "application/xhtml+xml"}:
            return parameters.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def installed(request: Request) -> "Web":
    """What `web.install` put on the application of a request."""
    found: Web = request.app.state.web
    return found


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

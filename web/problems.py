"""The refusals themselves (RFC 9457): values that say what is wrong; `web.refusing` makes answers of them."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException

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

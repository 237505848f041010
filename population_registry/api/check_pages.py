"""The public page that checks a paper: type the code, scan the QR code, or give the PDF file. No sign-in, no script.

A file is never opened: its SHA-256 is looked up among those of the files that were handed out.
"""

import hashlib
from datetime import datetime
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from population_registry.api.checking import CheckAnswered, CheckAsked
from population_registry.api.confirmations import checked
from population_registry.papers.confirmation.code import read_code
from population_registry.papers.confirmation.issuing import ENDING
from population_registry.papers.typesetting import CHECK_PATH
from web import Form, Pages, Problem, csrf, read_form
from web.formatting import format_datetime

CHECK_FILE: Final = f"{CHECK_PATH}/file"
LARGEST_UPLOAD: Final = 512 * 1024
"""Bytes; a paper with fifty members takes about 110,000."""
_FIELDS: Final = 8


def check_routes(pages: Pages) -> list[Route]:
    """The routes of the page."""

    async def empty(request: Request) -> Response:
        return _form(pages, request)

    async def scanned(request: Request) -> Response:
        # What a QR code leads to; whatever stands there is only put into the field, never looked up by a GET.
        return _form(pages, request, code=read_code(request.path_params["code"]) or "")

    async def typed(request: Request) -> Response:
        form = await read_form(request, max_fields=_FIELDS)
        await csrf.check(request, form)
        code, ending = form.text("code"), form.text("ending").replace(" ", "")
        errors = {}
        if (read := read_code(code)) is None:
            errors["code"] = "check.code_wrong"
        if len(ending) != ENDING or not (ending.isascii() and ending.isdigit()):
            errors["ending"] = "check.ending_wrong"
        if errors:
            return _form(pages, request, code=code[:40], ending=ending[:ENDING], errors=errors, status=400)
        return _result(pages, request, await checked(request, CheckAsked(read, ending)))

    async def given(request: Request) -> Response:
        digest = await _digest(request)
        if digest is None:
            return _form(pages, request, errors={"file": "check.file_missing"}, status=400)
        return _result(pages, request, await checked(request, CheckAsked(file=digest)), from_file=True)

    return [
        Route(CHECK_PATH, empty, methods=["GET"]),
        Route(CHECK_PATH, typed, methods=["POST"]),
        Route(CHECK_FILE, given, methods=["POST"]),
        Route(CHECK_PATH + "/{code}", scanned, methods=["GET"]),
    ]


async def _digest(request: Request) -> bytes | None:
    """The SHA-256 of the one file of the form; None without a file.

    Raises:
        Problem: 415 or 400, not such a form; 413 comes from the body limit.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data;"):
        raise Problem(415, "unsupported-media-type")
    async with request.form(max_files=1, max_fields=_FIELDS) as parts:
        texts = tuple((name, value) for name, value in parts.multi_items() if isinstance(value, str))
        await csrf.check(request, Form(texts))
        file = parts.get("file")
        if not isinstance(file, UploadFile) or not file.size:
            return None
        return hashlib.sha256(await file.read(LARGEST_UPLOAD)).digest()


def _form(
    pages: Pages,
    request: Request,
    *,
    code: str = "",
    ending: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    texts = pages.texts_for(request)
    return pages.render(
        request,
        "check.html",
        status,
        code=code,
        ending=ending,
        errors={name: texts.t(key) for name, key in (errors or {}).items()},
        check_path=CHECK_PATH,
        check_file=CHECK_FILE,
    )


def _result(pages: Pages, request: Request, answered: CheckAnswered, *, from_file: bool = False) -> Response:
    language = pages.texts_for(request).language
    return pages.render(
        request,
        "check_result.html",
        answer=answered,
        state=answered.state.value,
        from_file=from_file,
        moment=lambda text: format_datetime(datetime.fromisoformat(text), language),
        check_path=CHECK_PATH,
    )

"""An application's OpenAPI document as one of our own pages: no script, no request to anybody else.

FastAPI's ``/docs`` loads a script from another host, which the Content-Security-Policy of our pages rightly blocks;
create the application with ``docs_url=None, redoc_url=None`` and add this page.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from web.languages import Language
from web.pages import Pages

METHODS = ("get", "post", "put", "patch", "delete")
KINDS = {"get": "info", "post": "success", "put": "warning", "patch": "warning", "delete": "danger"}


@dataclass(frozen=True, slots=True)
class Member:
    """One parameter or property: its name, where it stands, its type, the schema it refers to, its meaning."""

    name: str
    place: str
    kind: str
    schema: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    anchor: str
    method: str
    colour: str
    path: str
    summary: str
    description: str
    parameters: tuple[Member, ...]
    body: str
    answers: tuple[tuple[str, str, str], ...]


def add_api_reference(app: FastAPI, pages: Pages, path: str = "/docs", *, lead_key: str = "") -> None:
    """Serve the reference of an application's own OpenAPI document at ``path``.

    The page speaks the reader's language: heading and ``lead_key`` (a text id) are ours, the document is in English.
    A summary of an operation may give both languages, ``English · tiếng Việt``: the reader sees one.
    """
    made: dict[Language, Markup] = {}

    def parts_in(language: Language) -> Markup:
        """Operations and schemas: the same for everybody for as long as the application runs."""
        if language not in made:
            document = app.openapi()
            schemas = document.get("components", {}).get("schemas", {})
            html = (
                pages.environments[language]
                .get_template("api_reference_parts.html")
                .render(
                    operations=operations_of(document),
                    schemas={
                        name: (schema.get("description", ""), members_of(schema))
                        for name, schema in schemas.items()
                    },
                )
            )
            made[language] = Markup(html)  # noqa: S704  # our own template, which escapes what the document says
        return made[language]

    async def reference(request: Request) -> Response:
        return pages.render(
            request,
            "api_reference.html",
            about=app.openapi()["info"],
            lead_key=lead_key,
            address=app.openapi_url,
            parts=parts_in(pages.language_for(request)),
        )

    app.add_route(path, reference, methods=["GET"], include_in_schema=False)


def operations_of(document: dict[str, Any]) -> list[Operation]:
    """Every operation of a document, in its order."""
    return [
        operation_of(method, path, item[method])
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]


def operation_of(method: str, path: str, found: dict[str, Any]) -> Operation:
    """One operation as it is shown."""
    body = found.get("requestBody", {}).get("content", {})
    return Operation(
        anchor=found.get("operationId", f"{method}{path}"),
        method=method.upper(),
        colour=KINDS[method],
        path=path,
        summary=found.get("summary", ""),
        description=found.get("description", ""),
        parameters=tuple(
            member(each["name"], each["in"], each.get("schema", {}), each.get("required", False), each)
            for each in found.get("parameters", ())
        ),
        body=next((type_of(content.get("schema", {}))[1] for content in body.values()), ""),
        answers=tuple(
            (status, answer.get("description", ""), schema_of(answer))
            for status, answer in found["responses"].items()
        ),
    )


def schema_of(answer: dict[str, Any]) -> str:
    """The schema that an answer refers to, or an empty text."""
    return next((type_of(content.get("schema", {}))[1] for content in answer.get("content", {}).values()), "")


def members_of(schema: dict[str, Any]) -> tuple[Member, ...]:
    """The properties of an object schema."""
    required = schema.get("required", ())
    return tuple(
        member(name, "", each, name in required, each) for name, each in schema.get("properties", {}).items()
    )


def member(name: str, place: str, schema: dict[str, Any], required: bool, source: dict[str, Any]) -> Member:
    """One parameter or property as it is shown."""
    kind, reference = type_of(schema)
    return Member(name, place, kind, reference, required, source.get("description", ""))


def type_of(schema: dict[str, Any]) -> tuple[str, str]:
    """A schema's type in words and the name of the schema it refers to, or an empty text."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return name, name
    parts = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if parts:
        kinds = [type_of(part) for part in parts]
        return " | ".join(kind for kind, _ in kinds), next((name for _, name in kinds if name), "")
    if schema.get("type") == "array":
        kind, name = type_of(schema.get("items", {}))
        return f"{kind}[]", name
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"]), ""
    limit = schema.get("format") or schema.get("pattern") or ""
    return f"{schema.get('type', 'any')}{f' ({limit})' if limit else ''}", ""

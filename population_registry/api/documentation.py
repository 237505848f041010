"""/docs: the OpenAPI document rendered as our own page; no script, no request to anybody else."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from population_registry.api import models
from population_registry.api.routes import VERIFICATION_OPENAPI
from web import Pages

_METHODS = ("get", "post")


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of all endpoints, the plain verification route included; every one may answer a problem."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (models.VerificationRequest, models.VerificationAnswer):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    schemas["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            name: {"type": "string"} for name in ("type", "title", "detail", "code", "instance", "member")
        }
        | {"status": {"type": "integer"}},
    }
    document["paths"]["/v1/verifications"] = {
        "post": {
            **VERIFICATION_OPENAPI,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _reference("VerificationRequest")}},
            },
            "responses": {
                "200": {
                    "description": "Flags and receipt",
                    "content": {"application/json": {"schema": _reference("VerificationAnswer")}},
                }
            },
        }
    }
    problem = {"application/problem+json": {"schema": _reference("Problem")}}
    document["components"]["securitySchemes"] = {
        "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt (RFC 9068)"}
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "Problem", "content": problem}
            if not path.startswith(("/v1/references", "/.well-known")) and path != "/v1/procedures":
                operation["security"] = [{"accessToken": []}]
    app.openapi_schema = document
    return document


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def add_documentation(app: FastAPI, pages: Pages) -> None:
    """Put /docs on the application and our OpenAPI behind `/openapi.json`."""
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]  # FastAPI's own way to change it

    async def docs(request: Request) -> Response:
        document = openapi_of(app)
        return pages.render(request, "docs.html", operations=_operations(document))

    app.add_route("/docs", docs, methods=["GET"], include_in_schema=False)


def _operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "method": method.upper(),
            "path": path,
            "anchor": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
            "summary": operation.get("summary", ""),
            "description": operation.get("description", ""),
            "secured": bool(operation.get("security")),
            "members": _members(document, operation),
        }
        for path, methods in sorted(document["paths"].items())
        for method, operation in methods.items()
        if method in _METHODS
    ]


def _members(document: Mapping[str, Any], operation: Mapping[str, Any]) -> list[dict[str, str]]:
    """The members of a request: body and query alike."""
    found = [
        {"name": p["name"], "place": p["in"], "kind": _kind(p["schema"]), "required": bool(p.get("required"))}
        for p in operation.get("parameters", ())
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in body:
        schema = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
        required = schema.get("required", ())
        found += [
            {"name": name, "place": "body", "kind": _kind(member), "required": name in required}
            for name, member in schema["properties"].items()
        ]
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("format"):
        return f"{schema['type']} ({schema['format']})"
    return str(schema.get("type", orjson.dumps(schema).decode()))

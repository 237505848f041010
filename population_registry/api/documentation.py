"""The OpenAPI document of all endpoints, the plain route included, and the page about it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from population_registry.api import models
from population_registry.api.routes import VERIFICATION_OPENAPI
from web import Pages, add_api_reference

PUBLIC = (
    "/v1/references",
    "/v1/catalogue",
    "/v1/status",
    "/v1/access-log-head",
    "/v1/access-log-consistency",
    "/v1/confirmations/checks",
    "/v1/confirmations/authorities",
    "/v1/statistics",
    "/.well-known",
)
"""Below these addresses nobody says who they are."""


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
    schemas["CatalogueRule"] = {
        "type": "object",
        "description": "Which entry of the catalogue refuses the question, and by which of its members",
        "properties": {name: {"type": "string"} for name in ("entry", "member", "legal_basis", "href")},
    }
    schemas["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            name: {"type": "string"} for name in ("type", "title", "detail", "code", "instance", "member")
        }
        | {"status": {"type": "integer"}, "catalogue": _reference("CatalogueRule")},
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
        "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt (RFC 9068)"},
        "boundToken": {"type": "http", "scheme": "dpop", "bearerFormat": "at+jwt (RFC 9068, RFC 9449)"},
        "clientCertificate": {"type": "mutualTLS", "description": "RFC 8705"},
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "Problem", "content": problem}
            if not path.startswith(PUBLIC) and path != "/v1/procedures":
                operation["security"] = [
                    {"accessToken": []},
                    {"boundToken": []},
                    {"accessToken": [], "clientCertificate": []},
                ]
    app.openapi_schema = document
    return document


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def add_documentation(app: FastAPI, pages: Pages) -> None:
    """Serve our OpenAPI at `/openapi.json` and the page about it at `/docs`."""
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]  # FastAPI's own way to change it
    add_api_reference(app, pages, lead_key="registry.lead")

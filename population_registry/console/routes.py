"""Where each page of the console is."""

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Route

from population_registry.console import (
    comparing,
    corrections,
    door,
    dossier_papers,
    dossiers,
    eid,
    eid_cases,
    emergencies,
    identity,
    misuse,
    presence,
    records,
    requests,
    reviews,
    searching,
    statistics,
)
from population_registry.console.desk import HOME

FLOW_LIFETIME = 900
"""Seconds between leaving for the provider and coming back."""


def console_routes(*, secret: str, https: bool) -> list[Route]:
    """Every page; a signed cookie carries a sign-in on its way, and is read nowhere else."""
    flow = Middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie="__Host-registry_console_flow" if https else "registry_console_flow",
        max_age=FLOW_LIFETIME,
        same_site="lax",
        https_only=https,
    )
    return [
        Route(HOME, door.front, methods=["GET"]),
        Route(f"{HOME}/sign-in", door.sign_in, methods=["POST"], middleware=[flow]),
        Route(f"{HOME}/callback", door.callback, methods=["GET"], middleware=[flow]),
        Route(f"{HOME}/sign-out", door.sign_out, methods=["POST"], middleware=[flow]),
        Route(f"{HOME}/backchannel-logout", door.told_of_end, methods=["POST"]),
        Route(f"{HOME}/errand", door.take_errand, methods=["POST"]),
        Route(f"{HOME}/find", records.find, methods=["POST"]),
        Route(f"{HOME}/search", searching.search, methods=["POST"]),
        Route(f"{HOME}/record", records.open_again, methods=["POST"]),
        Route(f"{HOME}/compare", comparing.compare, methods=["POST"]),
        Route(f"{HOME}/break-glass", emergencies.break_glass, methods=["POST"]),
        Route(f"{HOME}/eid", eid.look, methods=["POST"]),
        Route(f"{HOME}/eid/act", eid.act, methods=["POST"]),
        Route(f"{HOME}/identity", identity.look, methods=["POST"]),
        Route(f"{HOME}/identity/check", identity.check, methods=["POST"]),
        Route(f"{HOME}/identity/act", identity.act, methods=["POST"]),
        Route(f"{HOME}/present", presence.receive, methods=["POST"]),
        Route(eid_cases.PATH, eid_cases.listed, methods=["GET"]),
        Route(eid_cases.PATH, eid_cases.act, methods=["POST"]),
        *(
            Route(f"{HOME}/{page}", door.back_to_desk, methods=["GET"])
            for page in (
                "errand",
                "find",
                "record",
                "compare",
                "break-glass",
                "eid",
                "eid/act",
                "present",
                "identity",
                "identity/check",
                "identity/act",
                "correct",
                "requests/examine",
                "requests/ask",
                "requests/open",
            )
        ),
        Route(f"{HOME}/dossiers", dossiers.queue, methods=["GET"]),
        Route(f"{HOME}/dossiers/{{code}}", dossiers.show, methods=["GET"]),
        Route(f"{HOME}/dossiers/{{code}}", dossiers.act, methods=["POST"]),
        Route(f"{HOME}/dossiers/{{code}}/papers/{{number}}.pdf", dossier_papers.paper, methods=["GET"]),
        Route(f"{HOME}/requests", requests.listed, methods=["GET"]),
        Route(f"{HOME}/requests/ask", requests.ask, methods=["POST"]),
        Route(f"{HOME}/requests/examine", requests.examine, methods=["POST"]),
        Route(f"{HOME}/correct", corrections.ask, methods=["POST"]),
        Route(f"{HOME}/requests/decide", requests.decide, methods=["POST"]),
        Route(f"{HOME}/requests/open", requests.open_approved, methods=["POST"]),
        Route(reviews.PATH, reviews.overview, methods=["GET"]),
        Route(reviews.PATH, reviews.judge, methods=["POST"]),
        Route(misuse.PATH, misuse.listed, methods=["GET"]),
        Route(misuse.PATH, misuse.act, methods=["POST"]),
        Route(statistics.PATH, statistics.page, methods=["GET"]),
        Route(f"{statistics.PATH}.csv", statistics.as_csv, methods=["GET"]),
        Route(f"{HOME}/emergencies", emergencies.list_open, methods=["GET"]),
        Route(f"{HOME}/emergencies", emergencies.judge, methods=["POST"]),
    ]

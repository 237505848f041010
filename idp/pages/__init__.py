"""Pages for people. ``page_routes`` gives every route; the demo's exist only in demo mode.

The composition root puts them on the application and leaves ``app.state.services`` behind::

    app.router.routes.extend(page_routes(app, settings))
"""

from fastapi import FastAPI
from starlette.routing import BaseRoute

from idp.domain import paths
from idp.pages import (
    account,
    app_sign_in,
    approvals,
    card_check,
    consent,
    demo,
    dependants,
    device,
    devices,
    history,
    opening,
    own_data,
    passkey_sign_in,
    passkeys,
    recovery,
    reporting,
    security,
    sign_in,
    start,
)
from idp.pages.personas import Persona, read_personas
from idp.pages.visit import page
from idp.settings import Settings

__all__ = ["Persona", "page_routes", "read_personas"]


def page_routes(app: FastAPI, settings: Settings) -> list[BaseRoute]:
    """The routes of all pages. In demo mode reads the personas into ``app.state.personas``; else it stays empty."""
    app.state.personas = read_personas(settings.demo_personas) if settings.demo else ()
    routes: list[BaseRoute] = [
        page("/", start.show_start),
        page(paths.SIGN_IN, sign_in.show_sign_in),
        page(paths.SIGN_IN, sign_in.answer_sign_in, "POST"),
        page(paths.SECOND_FACTOR, sign_in.show_second_factor),
        page(paths.SECOND_FACTOR, sign_in.answer_second_factor, "POST"),
        page(passkey_sign_in.OPTIONS, passkey_sign_in.post_options, "POST"),
        page(paths.PASSKEY, passkey_sign_in.answer_passkey, "POST"),
        page(paths.PASSKEYS, passkeys.show_passkeys),
        page(passkeys.ADD, passkeys.show_add),
        page(passkeys.ADD, passkeys.post_add, "POST"),
        page(passkeys.OPTIONS, passkeys.post_options, "POST"),
        page(passkeys.RENAME, passkeys.post_rename, "POST"),
        page(passkeys.REMOVE, passkeys.show_remove),
        page(passkeys.REMOVE, passkeys.post_remove, "POST"),
        *app_sign_in.routes(),
        *card_check.routes(),
        page(paths.STEP_UP, sign_in.show_level),
        page(paths.STEP_UP, sign_in.answer_level, "POST"),
        page(paths.CONSENT, consent.show_consent),
        page(paths.CONSENT, consent.answer_consent, "POST"),
        page(paths.ACCOUNT, account.show_account),
        page(account.SERVICES, account.show_services),
        *history.routes(),
        *reporting.routes(),
        *own_data.routes(),
        *dependants.routes(),
        page(account.WITHDRAW, account.post_withdraw, "POST"),
        page(account.END_SESSION, account.post_end_session, "POST"),
        *devices.routes(),
        *security.routes(),
        *opening.routes(),
        *recovery.routes(),
        page(account.SIGN_OUT_EVERYWHERE, account.post_sign_out_everywhere, "POST"),
        page(paths.APPROVALS, approvals.show_approvals),
        page(paths.APPROVALS, approvals.post_approvals, "POST"),
        page(paths.DEVICE, device.show_device),
        page(paths.DEVICE, device.post_device, "POST"),
        page(device.ANSWER, device.post_answer, "POST"),
        page(device.DONE, device.show_done),
        page(account.SIGNED_OUT, account.show_signed_out),
    ]
    if settings.demo:
        routes += [
            page(paths.DEMO_PERSONAS, demo.list_personas),
            page(paths.DEMO_SIGN_IN, demo.post_sign_in, "POST"),
            page(paths.DEMO_OUTBOX, demo.show_outbox),
        ]
    return routes

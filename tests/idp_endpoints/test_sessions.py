"""Sessions over HTTP: single sign-on, silence, step-up, consent, sign-out."""

from __future__ import annotations

import time

import pytest

from idp.authentication import totp
from tests.idp_endpoints.people import AN, BINH, CLIENTS, LAN, SIGNED_OUT
from tests.idp_endpoints.provider import FIELD, Provider, answer_of

pytestmark = pytest.mark.engine


async def test_one_sign_in_reaches_every_portal(provider: Provider) -> None:
    """OIDC Core 3.1.2.3: a second client asks nothing, and sees another subject (8.1)."""
    browser = provider.browser()
    first = (await provider.redeem(await browser.code(AN))).json()
    answer = answer_of(await browser.authorize("other", prompt="none"))
    second = (await provider.redeem(answer["code"], "other")).json()
    one = (await provider.userinfo(first["access_token"])).json()
    two = (await provider.userinfo(second["access_token"])).json()
    assert one["name"] == two["name"]
    assert one["sub"] != two["sub"]


async def test_silence_without_a_session(provider: Provider) -> None:
    """OIDC Core 3.1.2.6."""
    assert answer_of(await provider.browser().authorize(prompt="none"))["error"] == "login_required"


async def test_a_person_steps_up_with_a_code(provider: Provider) -> None:
    """RFC 9470: the session grows by a factor; the new code says so."""
    browser = provider.browser()
    await browser.code(LAN)
    response = await browser.authorize(acr_values="urn:example:vn:acr:l2-a2")
    assert response.headers["location"].startswith("/sign-in/second-factor")
    proven = await browser.prove(response, totp.code_at(LAN.totp or b"", int(time.time())))
    code = answer_of(await browser.http.get(proven.headers["location"]))["code"]
    tokens = (await provider.redeem(code)).json()
    assert (await provider.userinfo(tokens["access_token"])).json()["vn_auth_level"] == 2


async def test_a_private_party_asks_for_consent_once(provider: Provider) -> None:
    """Decree 69/2024 Art. 19: a page names what is released; a yes is remembered."""
    browser = provider.browser()
    response = await browser.sign_in(BINH, await browser.authorize("private"))
    assert response.headers["location"].startswith("/consent?i=")
    page = await browser.http.get(response.headers["location"])
    form = dict(FIELD.findall(page.text)) | {"answer": "allow"}
    allowed = await browser.http.post("/consent", data=form)
    assert allowed.status_code == 303, allowed.text
    assert "code" in answer_of(await browser.http.get(allowed.headers["location"]))
    assert "code" in answer_of(await browser.authorize("private"))


async def test_a_refused_consent_goes_back_as_access_denied(provider: Provider) -> None:
    """OIDC Core 3.1.2.6."""
    browser = provider.browser()
    await browser.code(AN)
    response = await browser.authorize("private")
    page = await browser.http.get(response.headers["location"])
    form = dict(FIELD.findall(page.text)) | {"answer": "deny"}
    denied = await browser.http.post("/consent", data=form)
    back = answer_of(await browser.http.get(denied.headers["location"]))
    assert back["error"] == "access_denied"
    assert back["state"] == "state-1"


async def test_signing_out_with_a_hint_ends_the_session_and_its_tokens(provider: Provider) -> None:
    """RP-Initiated Logout 2 and 3: redirect with state; afterwards silence fails and tokens are dead."""
    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(AN))).json()
    params = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "s 1"}
    response = await browser.http.get("/logout", params=params)
    assert response.status_code == 303
    assert response.headers["location"] == f"{SIGNED_OUT}?state=s+1"
    assert answer_of(await browser.authorize(prompt="none"))["error"] == "login_required"
    assert (await provider.userinfo(tokens["access_token"])).status_code == 401
    assert (await provider.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_signing_out_without_a_hint_asks_first(provider: Provider) -> None:
    """RP-Initiated Logout 6: nothing happens before the person confirms on our own page."""
    browser = provider.browser()
    await browser.code(AN)
    page = await browser.http.get(
        "/logout", params={"client_id": "portal", "post_logout_redirect_uri": SIGNED_OUT}
    )
    assert page.status_code == 200
    assert "code" in answer_of(await browser.authorize(prompt="none"))
    confirmed = await browser.http.post("/logout", data=dict(FIELD.findall(page.text)))
    assert confirmed.headers["location"] == SIGNED_OUT
    assert answer_of(await browser.authorize(prompt="none"))["error"] == "login_required"


async def test_a_foreign_page_cannot_confirm(provider: Provider) -> None:
    """CWE-352: without our form's token a post only asks again."""
    browser = provider.browser()
    await browser.code(AN)
    forged = await browser.http.post("/logout", data={"client_id": "portal", "csrf_token": "forged"})
    assert forged.status_code == 403
    assert "code" in answer_of(await browser.authorize(prompt="none"))


async def test_listening_clients_are_told(provider: Provider) -> None:
    """Back-Channel Logout 2.5: one queued notice for the client that registered for it."""
    from sqlalchemy import select

    from idp.storage.postgres.tables import LOGOUT_DELIVERY

    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(AN, "listener"), "listener")).json()
    await browser.http.get("/logout", params={"id_token_hint": tokens["id_token"]})
    async with provider.app.state.storage.engine.connect() as connection:
        rows = (await connection.execute(select(LOGOUT_DELIVERY))).mappings().all()
    # Other tests of the session register clients of their own that listen.
    assert [row["client_id"] for row in rows if row["client_id"] in CLIENTS] == ["listener"]

"""The console's door: sessions, sign-outs told by the provider, dismissed officers, forged forms."""

from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest

from keys import KeyPurpose
from population_registry.console.party import CLIENT_ID, LOGOUT_EVENT
from population_registry.storage.officers import dismiss, officer_of_number
from tests.registry_api.conftest import ISSUER, LAN, Registry
from tests.registry_console.conftest import Sit

pytestmark = pytest.mark.engine
COMMUNE = "CA-00166-017"


async def test_strangers_find_the_door(registry: Registry) -> None:
    """Without a session every page leads to the door, and the door shows no desk."""
    door = await registry.http.get("/console", headers={"accept-language": "vi"})
    assert (door.status_code, "Đăng nhập bằng định danh điện tử" in door.text) == (200, True)
    for path in ("/console/emergencies",):
        assert (await registry.http.get(path)).headers["location"] == "/console"
    for path in ("find", "record", "compare", "break-glass", "errand", "sign-out", "emergencies"):
        answer = await registry.http.post(f"/console/{path}", data={"number": LAN["number"]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console"), path


@pytest.mark.attack
async def test_forms_of_others_do_nothing(sit: Sit) -> None:
    """Attack 43: without our token, or with another site's Origin, no errand is taken."""
    desk = await sit(COMMUNE)
    fields = {"purpose": "issue_eid", "case": "AB-12345"}
    assert (await desk.post("/console/errand", data=fields)).status_code == 403
    desk.headers["origin"] = "https://evil.example"
    assert (await desk.send_form("/console/errand", **fields)).status_code == 403
    del desk.headers["origin"]
    assert "AB-12345" not in (await desk.get("/console")).text


async def test_a_working_day_ends(registry: Registry, sit: Sit) -> None:
    """After eight hours the officer signs in anew."""
    desk = await sit(COMMUNE)
    assert "CA-00166-017" in (await desk.get("/console")).text
    registry.clock.advance(seconds=int(timedelta(hours=8).total_seconds()))
    assert "CA-00166-017" not in (await desk.get("/console")).text


@pytest.mark.attack
async def test_a_dismissed_officer_is_out_at_once(registry: Registry, sit: Sit) -> None:
    """Attack 46, 48: the next request after a dismissal finds the door; only a new appointment opens it."""
    desk = await sit(COMMUNE)
    async with registry.app.state.console.database.pool() as pool:
        assert (await officer_of_number(pool, "099083000131")) is not None
        assert await dismiss(pool, COMMUNE, registry.clock())
        assert not await dismiss(pool, COMMUNE, registry.clock())
        assert await officer_of_number(pool, "099083000131") is None
    assert "CA-00166-017" not in (await desk.get("/console")).text


def logout_token(registry: Registry, **changed: object) -> str:
    """A logout token of the provider for the console, with changes."""
    now = registry.issuer.clock.timestamp()
    claims = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "logout-1",
        "events": {LOGOUT_EVENT: {}},
        "sid": f"sid-{COMMUNE}",
    } | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return registry.issuer.ring.signer(KeyPurpose.LOGOUT_TOKEN, "ES256").sign(kept)


async def told(registry: Registry, token: str) -> httpx2.Response:
    """Post a logout token as the provider does."""
    return await registry.http.post("/console/backchannel-logout", data={"logout_token": token})


@pytest.mark.parametrize("by", ["sid", "sub"])
async def test_the_provider_ends_a_session(registry: Registry, sit: Sit, by: str, monkeypatch) -> None:
    """OIDC Back-Channel Logout 2.7: by session or by person; the desk is closed with the answer."""
    desk = await sit(COMMUNE)
    moment = registry.issuer.clock.timestamp()
    monkeypatch.setattr("population_registry.console.party.time.time", lambda: moment)
    named = {"sid": f"sid-{COMMUNE}"} if by == "sid" else {"sid": None, "sub": f"sub-{COMMUNE}"}
    answer = await told(registry, logout_token(registry, **named))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "CA-00166-017" not in (await desk.get("/console")).text


@pytest.mark.attack
@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://another.example"},
        {"aud": "residence-portal"},
        {"aud": None},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sid": None},
    ],
)
async def test_no_other_token_ends_a_session(
    registry: Registry, sit: Sit, changed: dict, monkeypatch
) -> None:
    """OIDC Back-Channel Logout 2.6: each rule of validation, one by one; the desk stays open."""
    desk = await sit(COMMUNE)
    moment = registry.issuer.clock.timestamp()
    monkeypatch.setattr("population_registry.console.party.time.time", lambda: moment)
    assert (await told(registry, logout_token(registry, **changed))).status_code == 400
    for broken in ("", "a.b.c", "x" * 20_000, registry.issuer.token()):
        assert (await told(registry, broken)).status_code == 400
    assert "CA-00166-017" in (await desk.get("/console")).text


async def test_the_callback_refuses_what_it_did_not_ask_for(registry: Registry) -> None:
    """RFC 9207 2.4, RFC 6749 10.12: a foreign issuer, no state, an error: a page that says so, no session."""
    for query in (
        "",
        "code=x&state=y",
        f"code=x&state=y&iss={ISSUER}",
        f"error=access_denied&state=y&iss={ISSUER}",
    ):
        answer = await registry.http.get(f"/console/callback?{query}")
        assert answer.status_code == 403, query
        assert "registry_console=" not in answer.headers.get("set-cookie", "")

"""RFC 9449 over HTTP, on the real stores: nonces, replay, every grant, PAR, UserInfo, introspection."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.proof import server_nonces, token_hash
from tests.idp_endpoints.dpop import Holder, furnish
from tests.idp_endpoints.people import AN, CALLBACK
from tests.idp_endpoints.provider import Provider, answer_of, basic, challenge

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
async def clients(provider: Provider) -> None:
    """Clients that want bound tokens."""
    await furnish(provider.app.state.storage)


async def test_a_bound_token_from_code_to_userinfo(provider: Provider) -> None:
    """Sections 5 to 7: token_type DPoP, UserInfo by the owner, cnf at introspection, a nonce with each answer."""
    holder = Holder(provider, "bound")
    response = await holder.redeem(await provider.browser().code(AN, "bound"))
    tokens = response.json()
    assert tokens["token_type"] == "DPoP"
    assert response.headers["dpop-nonce"] == holder.nonce
    claims = await holder.look(tokens["access_token"])
    assert (claims.status_code, claims.json()["name"]) == (200, "Nguyễn Văn An")
    async with provider.client() as client:
        answer = await client.post(
            "/introspect", data={"token": tokens["access_token"]}, headers=basic("bound")
        )
    assert answer.json()["cnf"] == {"jkt": holder.sender.jkt}
    assert answer.json()["token_type"] == "DPoP"


async def test_the_nonce_is_asked_for_and_then_passes(provider: Provider) -> None:
    """Section 8: 400 use_dpop_nonce with DPoP-Nonce; the code is not lost; the right nonce is not repeated to it."""
    holder = Holder(provider, "fapi")
    code = await pushed_code(provider, holder)
    holder.nonce = None
    first = await holder.redeem(code)
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    assert first.headers["cache-control"] == "no-store"
    second = await holder.redeem(code)
    assert second.status_code == 200, second.text
    # When a window of nonces ends between the two, there is a new one to tell.
    assert second.headers.get("dpop-nonce") != first.headers["dpop-nonce"]
    holder.nonce = None
    look = await holder.look(second.json()["access_token"])
    assert (look.status_code, look.json()["error"]) == (401, "use_dpop_nonce")
    assert look.headers["www-authenticate"].startswith("DPoP ")
    assert 'error="use_dpop_nonce"' in look.headers["www-authenticate"]
    assert (await holder.look(second.json()["access_token"])).status_code == 200


async def pushed_code(provider: Provider, holder: Holder, **changes: Any) -> str:
    """A code of a pushed request with the holder's proof."""
    form = {
        "response_type": "code",
        "client_id": holder.client_id,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    } | changes
    response = await holder.post("/par", form)
    if response.status_code == 400 and response.json()["error"] == "use_dpop_nonce":
        response = await holder.post("/par", form)
    assert response.status_code == 201, response.text
    browser = provider.browser()
    at = await browser.http.get(
        "/authorize", params={"client_id": holder.client_id, "request_uri": response.json()["request_uri"]}
    )
    return answer_of(await browser.sign_in(AN, at))["code"]


async def test_a_proof_at_par_binds_the_code(provider: Provider) -> None:
    """Section 10.1: the code of a pushed request is its pusher's; the header and dpop_jkt must agree."""
    holder, thief = Holder(provider, "free"), Holder(provider, "free")
    code = await pushed_code(provider, holder)
    assert (await thief.redeem(code)).json()["error"] == "invalid_grant"
    assert (await provider.redeem(code, "free")).json()["error"] == "invalid_dpop_proof"
    assert (await holder.redeem(code)).status_code == 200
    refused = await holder.post(
        "/par",
        {
            "response_type": "code",
            "client_id": "free",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "dpop_jkt": thief.sender.jkt,
        },
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")


async def test_dpop_jkt_binds_the_code(provider: Provider) -> None:
    """Section 10: the parameter of the authorization request."""
    holder, thief = Holder(provider, "free"), Holder(provider, "free")
    code = await provider.browser().code(AN, "free", dpop_jkt=holder.sender.jkt)
    assert (await thief.redeem(code)).json()["error"] == "invalid_grant"
    assert (await holder.redeem(code)).json()["token_type"] == "DPoP"


@pytest.mark.attack
@pytest.mark.parametrize("place", ["code", "refresh", "client", "par", "userinfo"])
async def test_one_proof_at_the_same_moment_serves_once(provider: Provider, place: str) -> None:
    """Section 11.1, Keycloak CVE-2026-1035: twelve concurrent requests with one proof, twelve good secrets."""
    holder = Holder(provider, "free")
    browser, count = provider.browser(), 12
    if place == "code":
        codes = [await browser.code(AN, "free") for _ in range(count)]
        proof = holder.proof()
        acts = [holder.redeem(code, proof) for code in codes]
    elif place == "refresh":
        families = [(await holder.redeem(await browser.code(AN, "free"))).json() for _ in range(count)]
        proof = holder.proof()
        acts = [holder.refresh(tokens["refresh_token"], proof) for tokens in families]
    elif place == "client":
        proof = holder.proof()
        acts = [holder.own(proof) for _ in range(count)]
    elif place == "par":
        proof = holder.proof("/par")
        form = {"response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
        form |= {"code_challenge": challenge(), "code_challenge_method": "S256"}
        acts = [holder.post("/par", form, proof) for _ in range(count)]
    else:
        token = (await holder.redeem(await browser.code(AN, "free"))).json()["access_token"]
        proof = holder.proof("/userinfo", "GET", ath=token_hash(token))
        acts = [holder.look(token, proof) for _ in range(count)]
    answers = await asyncio.gather(*acts)
    assert [answer.status_code in {200, 201} for answer in answers].count(True) == 1
    errors = {answer.json()["error"] for answer in answers if answer.status_code not in {200, 201}}
    assert errors <= {"invalid_dpop_proof", "temporarily_unavailable"}
    assert "invalid_dpop_proof" in errors


@pytest.mark.attack
async def test_a_lost_race_for_a_code_is_no_replayed_proof(provider: Provider) -> None:
    """Claims of one request do not hide the code's replay: with a fresh proof each, the loser kills the winner."""
    holder = Holder(provider, "free")
    code = await provider.browser().code(AN, "free")
    answers = await asyncio.gather(*(holder.redeem(code, holder.proof()) for _ in range(12)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert (await holder.look(good[0]["access_token"])).status_code == 401


@pytest.mark.attack
async def test_the_host_header_proves_nothing(provider: Provider) -> None:
    """CVE-2025-64101, attack 29 (htu): a proof for another host fails although the request names that host."""
    holder = Holder(provider, "free")
    proof = holder.proof(htu="https://evil.example/token")
    async with provider.client() as client:
        response = await client.post(
            "/token",
            data={"grant_type": "client_credentials", "scope": "introspection"},
            headers=basic("free")
            | {"DPoP": proof, "Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        )
    assert response.json()["error"] == "invalid_dpop_proof"


@pytest.mark.attack
async def test_two_headers_are_none(provider: Provider) -> None:
    """Section 4.3 point 1: two DPoP headers, both right, are refused everywhere."""
    holder = Holder(provider, "free")
    headers = [*basic("free").items(), ("DPoP", holder.proof()), ("DPoP", holder.proof())]
    async with provider.client() as client:
        response = await client.post("/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_dpop_proof")
    assert response.headers["dpop-nonce"]


@pytest.mark.attack
async def test_a_bound_token_is_no_bearer_token(provider: Provider) -> None:
    """Section 7.2 (attack 29): Bearer header, form body, with or without a proof: 401, and both schemes named."""
    holder = Holder(provider, "bound")
    token = (await holder.redeem(await provider.browser().code(AN, "bound"))).json()["access_token"]
    bare = await provider.userinfo(token)
    beside = await holder.look(token, scheme="Bearer")
    async with provider.client() as client:
        posted = await client.post(
            "/userinfo", data={"access_token": token}, headers={"DPoP": holder.proof("/userinfo")}
        )
    for response in (bare, beside, posted):
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
        assert ', DPoP algs="ES256 ' in response.headers["www-authenticate"]
    assert (await Holder(provider, "bound").look(token)).status_code == 401
    assert (await holder.look(token)).status_code == 200


@pytest.mark.attack
async def test_required_means_on_every_grant(provider: Provider) -> None:
    """Section 5.2, esignet#2596, thunderid#4226: without a proof no grant of these clients gives anything."""
    for client_id in ("bound", "fapi"):
        form = {"grant_type": "client_credentials", "scope": "introspection"}
        bare = Holder(provider, client_id)
        refused = await provider.token(form | bare.named, headers=bare.credentials)
        assert refused.json()["error"] == "invalid_dpop_proof"
    holder = Holder(provider, "bound")
    code = await provider.browser().code(AN, "bound")
    assert (await provider.redeem(code, "bound")).json()["error"] == "invalid_dpop_proof"
    tokens = (await holder.redeem(code)).json()
    refused = await provider.refresh(tokens["refresh_token"], "bound")
    assert refused.json()["error"] == "invalid_dpop_proof"
    assert (await holder.refresh(tokens["refresh_token"])).json()["token_type"] == "DPoP"


async def test_scripts_may_read_the_nonce(provider: Provider) -> None:
    """Section 8 and the Fetch standard: DPoP-Nonce is exposed, DPoP may be sent."""
    origin = {"Origin": "https://spa.example"}
    async with provider.client() as client:
        asked = await client.options("/token", headers=origin | {"Access-Control-Request-Method": "POST"})
        assert "DPoP" in asked.headers["access-control-allow-headers"].split(", ")
        given_ = await client.post("/token", headers=origin | {"DPoP": "x"})
    assert "DPoP-Nonce" in given_.headers["access-control-expose-headers"].split(", ")
    assert given_.headers["dpop-nonce"]


# ---------------------------------------------------------------- nonces and refresh tokens in any order

STEPS = ("refresh", "steal", "swap", "no proof", "replay", "stale nonce", "old nonce", "lost answer", "look")


class Machine:
    """A public client's family; the model knows the key and which refresh token is current."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.holder = Holder(provider, "app")
        self.thief = Holder(provider, "app")
        self.used = ""
        self.tokens: list[str] = []
        self.access = ""

    async def begin(self) -> None:
        """The family is born with a proof."""
        code = await self.provider.browser().code(AN, "app")
        self.keep(await self.holder.redeem(code))

    def keep(self, response: Any) -> None:
        """The answer of the owner."""
        assert response.status_code == 200, response.text
        assert response.json()["token_type"] == "DPoP"
        self.tokens.append(response.json()["refresh_token"])
        self.access = response.json()["access_token"]

    async def with_the_nonce_before(self, current: str) -> None:
        """The nonce of the last window passes, and the answer tells the new one."""
        ring = self.provider.app.state.services.ring
        for _ in range(2):  # again where a window ends right now: then that nonce was the one before the last
            nonce = server_nonces(ring.lookup_hashes, time.time() - 300).current
            response = await self.holder.refresh(current, self.holder.proof(nonce=nonce))
            if response.status_code == 200:
                break
        self.keep(response)
        assert response.headers["dpop-nonce"] != nonce

    async def step(self, name: str) -> None:
        """One event; whatever an attacker does changes nothing."""
        current = self.tokens[-1]
        if name == "refresh":
            self.used = self.holder.proof()
            self.keep(await self.holder.refresh(current, self.used))
        elif name == "lost answer" and len(self.tokens) > 1:
            response = await self.holder.refresh(self.tokens[-2])
            assert response.json()["refresh_token"] == current
        elif name in {"steal", "swap"}:
            response = await self.thief.refresh(
                current if name == "steal" else self.tokens[max(-2, -len(self.tokens))]
            )
            assert response.json()["error"] == "invalid_grant"
        elif name == "no proof":
            form = {"grant_type": "refresh_token", "refresh_token": current, "client_id": "app"}
            assert (await self.provider.token(form)).json()["error"] == "invalid_dpop_proof"
        elif name == "replay" and self.used:
            response = await self.holder.refresh(current, self.used)
            assert response.json()["error"] == "invalid_dpop_proof"
        elif name == "stale nonce":
            ring = self.provider.app.state.services.ring
            nonce = server_nonces(ring.lookup_hashes, time.time() - 900).current
            response = await self.holder.refresh(current, self.holder.proof(nonce=nonce))
            assert response.json()["error"] == "use_dpop_nonce"
            assert response.headers["dpop-nonce"] != nonce
        elif name == "old nonce":
            await self.with_the_nonce_before(current)
        elif name == "look":
            assert (await self.holder.look(self.access)).status_code == 200
            assert (await self.thief.look(self.access)).status_code == 401


async def lived(provider: Provider, steps: list[str]) -> None:
    """One life; at its end the owner still has its family."""
    machine = Machine(provider)
    await machine.begin()
    for name in steps:
        await machine.step(name)
    await machine.step("refresh")


async def test_a_family_stays_in_the_hands_of_its_key(provider: Provider) -> None:
    """Sections 5, 8 and 11.1: in any order of refreshes, thefts, key swaps, replays and nonces old and new."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(STEPS), min_size=3, max_size=12))
    def property_of_lives(steps: list[str]) -> None:
        asyncio.run_coroutine_threadsafe(lived(provider, steps), loop).result(120)

    await asyncio.to_thread(property_of_lives)

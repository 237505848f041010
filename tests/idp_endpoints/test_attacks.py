"""Real flaws of the field, kept out over HTTP."""

from __future__ import annotations

import asyncio
from html import unescape
from pathlib import Path

import pytest

from idp.app import create_app
from tests.idp_endpoints.conftest import settings_of
from tests.idp_endpoints.people import AN, CALLBACK, LAN, REGISTRY, SIGNED_OUT
from tests.idp_endpoints.provider import FIELD, ISSUER, Provider, answer_of, basic
from tests.idp_endpoints.test_wire import introspected

pytestmark = [pytest.mark.engine, pytest.mark.attack]


@pytest.mark.parametrize(
    "uri",
    [
        "https://portalXexample/callback",
        "https://portal.example.evil.tld/callback",
        "https://portal.example@evil.tld/callback",
        "https://portal.example/callback/../evil",
        "https://portal.example/callback/..;/x",
        "https://portal.example/callback%2f..",
        "https://portal.example\\@evil.tld/callback",
        "https://PORTAL.example/callback",
        "https://portal.example:443/callback",
        "https://portal.example/callback?x=1",
        "https://portal.example/callback#x",
        "\thttps://portal.example/callback",
        "https://xn--portl-4ra.example/callback",
        "https://[fe80::1%25eth0]/callback",
        "javascript:alert(1)//https://portal.example/callback",
        "http://portal.example/callback",
    ],
)
async def test_an_address_that_is_not_registered_letter_by_letter_is_never_gone_to(
    provider: Provider, uri: str
) -> None:
    """Attacks 1, 2 and 4 (CVE-2024-52289, -2026-41569, -7504, -3872, -9086): regexes, prefixes, parsers."""
    response = await provider.browser().authorize(redirect_uri=uri)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "nonsense"},
        {"scope": "nonsense"},
        {"prompt": "none"},
        {"code_challenge": None},
        {"response_mode": "fragment"},
    ],
)
async def test_no_error_leads_to_an_unproven_address(provider: Provider, changes: dict[str, str]) -> None:
    """Authlib 2026-04-13 and 2026-05-04, doorkeeper-openid_connect#61: errors before validation stay here."""
    response = await provider.browser().authorize(redirect_uri="https://evil.example/", **changes)
    assert response.status_code == 400
    unknown = await provider.browser().authorize("nobody", **changes)
    assert unknown.status_code == 400


async def test_host_headers_change_nothing(provider: Provider) -> None:
    """Zitadel CVE-2023-49097, CVE-2025-64101, authentik CVE-2024-47070: the issuer is configuration only."""
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "not an address, ';",
        "Forwarded": "host=evil.example",
    }
    async with provider.client() as client:
        document = (await client.get("/.well-known/openid-configuration", headers=headers)).text
        assert "evil" not in document
        assert ISSUER in document
        response = await client.get("/authorize?client_id=x", headers=headers)
        assert "evil.example" not in response.text


async def test_a_public_client_without_a_verifier_gets_nothing(provider: Provider) -> None:
    """Attack 11: Authentik CVE-2023-48228: code_verifier left out at the token endpoint."""
    code = await provider.browser().code(AN, "app")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": "app"}
    assert (await provider.token(form)).status_code == 400
    assert (await provider.token(form | {"code_verifier": "w" * 43})).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
    ],
)
async def test_the_challenge_cannot_be_stripped_or_weakened(
    provider: Provider, changes: dict[str, str]
) -> None:
    """Attack 12: Authentik CVE-2024-23647, zitadel/oidc PR#741: PKCE downgrade."""
    browser = provider.browser()
    await browser.code(AN)
    assert answer_of(await browser.authorize(**changes))["error"] == "invalid_request"


async def test_another_client_redeems_nothing(provider: Provider) -> None:
    """Zitadel GHSA-xqxv-4jc2-x56x, Keycloak CVE-2026-16089: codes and refresh tokens are bound to their client."""
    browser = provider.browser()
    code = await browser.code(AN)
    assert (await provider.redeem(code, "other")).json()["error"] == "invalid_grant"
    tokens = (await provider.redeem(code)).json()
    assert (await provider.refresh(tokens["refresh_token"], "other")).json()["error"] == "invalid_grant"
    assert (await provider.refresh(tokens["refresh_token"])).status_code == 200
    assert await introspected(provider, tokens["access_token"], "other") == {"active": False}


async def test_two_hundred_at_once_get_one_answer_and_then_nothing_lives(provider: Provider) -> None:
    """Keycloak CVE-2026-1035, Abblix PR#187: concurrent redemption of one code; RFC 6749 4.1.2 revokes."""
    code = await provider.browser().code(AN)
    answers = await asyncio.gather(*(provider.redeem(code) for _ in range(200)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    refused = {answer.json()["error"] for answer in answers if answer.status_code != 200}
    # A machine under heavy load may answer some of them 503: nothing was granted then either.
    assert "invalid_grant" in refused
    assert refused <= {"invalid_grant", "temporarily_unavailable"}
    assert (await provider.userinfo(good[0]["access_token"])).status_code == 401
    assert (await provider.refresh(good[0]["refresh_token"])).json()["error"] == "invalid_grant"


async def test_concurrent_refreshes_never_fork_the_family(provider: Provider) -> None:
    """Keycloak CVE-2026-9802, hydra#2022: fifty at once within the grace give one successor, not fifty."""
    tokens = (await provider.redeem(await provider.browser().code(AN))).json()
    answers = await asyncio.gather(*(provider.refresh(tokens["refresh_token"]) for _ in range(50)))
    good = {answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}
    assert len(good) == 1
    assert (await provider.refresh(good.pop())).status_code == 200


async def test_an_old_refresh_token_kills_the_whole_family(provider: Provider) -> None:
    """Attack 27: RFC 9700 4.14: the token before the previous one comes again."""
    first = (await provider.redeem(await provider.browser().code(AN))).json()
    second = (await provider.refresh(first["refresh_token"])).json()
    third = (await provider.refresh(second["refresh_token"])).json()
    assert (await provider.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await provider.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await provider.userinfo(third["access_token"])).status_code == 401


async def test_refreshing_gives_no_new_scope(provider: Provider) -> None:
    """Authentik CVE-2024-52287: escalation through refresh and client credentials."""
    tokens = (await provider.redeem(await provider.browser().code(AN, scope="openid"))).json()
    assert (await provider.refresh(tokens["refresh_token"], scope="openid pid")).json()[
        "error"
    ] == "invalid_scope"
    machine = {"grant_type": "client_credentials", "scope": "registry:verify registry:release"}
    assert (await provider.token(machine, headers=basic("machine"))).json()["error"] == "invalid_scope"


def asserted(code: str, assertion: str) -> dict[str, str]:
    """A redemption with a client assertion."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
        "client_assertion": assertion,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }


async def test_an_assertion_works_once_even_at_the_same_moment(provider: Provider) -> None:
    """Hydra GHSA-3p3g-vpw6-4w66, esignet#2418: twenty concurrent uses of one jti, for twenty good codes."""
    browser = provider.browser()
    codes = [await browser.code(AN, "signer") for _ in range(20)]
    assertion = provider.assertion()
    answers = await asyncio.gather(*(provider.token(asserted(code, assertion)) for code in codes))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert (await provider.token(asserted(codes[0], assertion))).json()["error"] == "invalid_client"


async def test_a_raced_code_with_fresh_assertions_still_dies(provider: Provider) -> None:
    """Claims of one request do not hide the replay: the loser of a race kills the winner's tokens."""
    code = await provider.browser().code(AN, "signer")
    answers = await asyncio.gather(*(provider.token(asserted(code, provider.assertion())) for _ in range(20)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert (await provider.userinfo(good[0]["access_token"])).status_code == 401


@pytest.mark.parametrize(
    "audience", [[ISSUER, "https://evil.example"], "https://evil.example", ISSUER + "/", [], None]
)
async def test_an_assertion_for_another_server_is_refused(provider: Provider, audience: object) -> None:
    """Attack 20: CVE-2025-27370, CVE-2025-27371: audience injection."""
    response = await provider.token(asserted("x", provider.assertion(aud=audience)))
    assert response.json()["error"] == "invalid_client"


@pytest.mark.parametrize("cut", [1, 10, 43, 44])
async def test_truncated_tokens_are_nothing(provider: Provider, cut: int) -> None:
    """Attack 26: Zitadel CVE-2026-27840: a prefix of a token, or a token with more behind it."""
    tokens = (await provider.redeem(await provider.browser().code(AN))).json()
    token = tokens["access_token"]
    for bad in (token[:-cut], token + "A" * cut, token + "\n", token.swapcase()):
        assert await introspected(provider, bad) == {"active": False}
    assert (await provider.userinfo(token[:-cut])).status_code == 401
    assert (await provider.userinfo(token)).status_code == 200


async def test_locking_an_account_ends_everything_at_once(provider: Provider) -> None:
    """Zitadel CVE-2023-22492, Keycloak GHSA-wv3h-x6c4-r867: every grant, introspection and userinfo."""
    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(AN))).json()
    waiting = await browser.code(AN)
    locks = provider.app.state.storage.lives
    await locks.lock(AN.account_id, "own_request")
    try:
        assert (await provider.userinfo(tokens["access_token"])).status_code == 401
        assert await introspected(provider, tokens["access_token"]) == {"active": False}
        assert (await provider.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await provider.redeem(waiting)).json()["error"] == "invalid_grant"
        assert answer_of(await browser.authorize(prompt="none"))["error"] == "login_required"
    finally:
        await locks.unlock(AN.account_id, "own_request")
    assert (await provider.userinfo(tokens["access_token"])).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=authorization_code&client_id=portal&client_id=other&code=x",
        b"grant_type=authorization_code&grant_type=client_credentials",
        b"%zz=%zz&grant_type=\xff\xfe",
        b"grant_type=client_credentials\r\nX: y",
        b"a=b&" * 100,
    ],
)
async def test_twisted_bodies_get_a_plain_refusal(provider: Provider, body: bytes) -> None:
    """Duplicate parameters, broken encodings, too many fields: invalid_request or a known error, never a 500."""
    async with provider.client() as client:
        headers = {"content-type": "application/x-www-form-urlencoded"} | basic("machine")
        response = await client.post("/token", content=body, headers=headers)
    assert response.status_code in {400, 401}
    assert response.json()["error"] in {"invalid_request", "invalid_client", "unsupported_grant_type"}


async def test_guessing_a_secret_is_slowed_down_for_the_guesser_only(provider: Provider) -> None:
    """RFC 6749 2.3.1, Keycloak CVE-2026-19607: per client and address; the client itself goes on elsewhere."""
    form = {"grant_type": "client_credentials", "scope": "registry:verify"}
    async with provider.client(client=("192.0.2.66", 1)) as guesser:
        for _ in range(20):
            await guesser.post("/token", data=form, headers=basic("machine", "guess"))
        slowed = await guesser.post("/token", data=form, headers=basic("machine"))
    assert slowed.status_code == 429
    assert slowed.headers["retry-after"] == "60"
    assert (await provider.token(form, headers=basic("machine"))).status_code == 200


async def test_scripts_in_state_stay_text(provider: Provider) -> None:
    """Authentik CVE-2026-42849: state and error fields in form_post pages are escaped, and nothing in them is run."""
    for text in ("</script><script>x", "' onload='x", '"><img src=x>', "{{7*7}}", "javascript:x"):
        page = await provider.browser().authorize(response_mode="form_post", prompt="none", state=text)
        assert page.status_code == 200
        assert text not in page.text or text in {"{{7*7}}", "javascript:x"}
        assert unescape(dict(FIELD.findall(page.text))["state"]) == text


async def test_the_registry_is_not_a_way_around_registration(provider: Provider) -> None:
    """RFC 8707 2: a resource that a client did not register is invalid_target."""
    browser = provider.browser()
    await browser.code(AN)
    answer = answer_of(await browser.authorize(resource="https://evil.example"))
    assert answer["error"] == "invalid_target"
    assert "code" in answer_of(await browser.authorize(resource=REGISTRY))


async def test_reuse_is_noticed_across_a_restart(
    provider: Provider, own_redis: str, endpoint_keys: Path
) -> None:
    """Keycloak CVE-2026-9802: what was rotated away is remembered by the store, not by the process."""
    first = (await provider.redeem(await provider.browser().code(LAN))).json()
    second = (await provider.refresh(first["refresh_token"])).json()
    third = (await provider.refresh(second["refresh_token"])).json()
    settings = provider.app.state.services.settings
    app = create_app(settings_of(settings.database_url, own_redis, endpoint_keys))
    async with app.router.lifespan_context(app):
        restarted = Provider(app, provider.key)
        assert (await restarted.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await restarted.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await provider.userinfo(third["access_token"])).status_code == 401


async def test_signing_out_goes_nowhere_unregistered(provider: Provider) -> None:
    """Casdoor CVE-2026-5467, Keycloak CVE-2026-9086: no wildcard, no prefix, no scheme but the registered."""
    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(LAN))).json()
    for uri in (
        f"{SIGNED_OUT}/",
        f"{SIGNED_OUT}?x",
        "https://portal.example.evil.tld/signed-out",
        "javascript:x",
    ):
        params = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": uri}
        response = await browser.http.get("/logout", params=params)
        assert response.headers["location"] == "/signed-out"


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/x",
        "https://[bad",
        "https://ev il",
        "http://x'y/",
        "https://é.vn/",
        "javascript:x",
    ],
)
async def test_the_question_before_signing_out_believes_no_unregistered_address(
    provider: Provider, uri: str
) -> None:
    """Casdoor CVE-2026-5467: without a hint the person is asked; the address opens no door in the page's policy."""
    browser = provider.browser()
    await browser.code(LAN)
    params = {"client_id": "portal", "post_logout_redirect_uri": uri}
    response = await browser.http.get("/logout", params=params)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "form-action 'self';" in policy

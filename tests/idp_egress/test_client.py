"""Fetching from real TLS servers: what is taken, what is not, and how long we wait."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from tests.idp_egress.servers import HOST, Names, allowed, answering, egress_to, serving
from web.egress import LOOPBACK, REQUEST_OBJECT_TYPES, Egress, EgressFailed, EgressPolicy, EgressRefused

URL = f"https://{HOST}/keys"


async def refusal(call, kind: type[Exception] = EgressRefused) -> str:
    """The reason why a fetch was refused or failed."""
    with pytest.raises(kind) as found:
        await call
    return found.value.reason


async def test_a_document_is_fetched(web):
    """The request names the host, our client and no secret; the answer comes back parsed."""
    async with (
        serving(answering(b'{"keys": []}'), web.context(HOST)) as server,
        egress_to(server, web) as (egress, wires),
    ):
        assert await egress.get_json(URL) == {"keys": []}
        assert wires.connected == [("93.184.215.14", 443)]
        head = server.seen[0].lower()
        assert b"host: client.example\r\n" in head
        assert b"user-agent: dinhdanh-egress/1\r\n" in head
        assert b"accept-encoding: identity\r\n" in head
        assert b"cookie" not in head
        assert b"authorization" not in head


async def test_a_form_and_json_are_posted(web):
    """Back-channel logout 2.5 and CIBA 10.2: the status is the answer, redirects are not followed."""
    handler = answering(b"", "Location: https://10.0.0.1/", status="302 Found")
    async with serving(handler, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert await egress.post_form(URL, {"logout_token": "a.b+c"}) == 302
        assert await egress.post_json(URL, {"auth_req_id": "x"}, bearer="secret") == 302
        form, ping = server.seen
        assert form.endswith(b"logout_token=a.b%2Bc")
        assert b"application/x-www-form-urlencoded" in form
        assert ping.endswith(b'{"auth_req_id":"x"}')
        assert b"authorization: bearer secret" in ping.lower()


async def test_an_origin_allowed_by_name_needs_no_trick(web):
    """The system's resolver, a private address and another port, because the deployment names that origin."""
    async with serving(answering(b"[1]"), web.context("localhost")) as server, allowed(server, web) as egress:
        assert await egress.get_json(server.url(host="localhost")) == [1]


async def test_the_demo_fetches_over_plain_http(web):
    """Demo mode names loopback, http included; nothing else changes."""
    async with serving(answering(b"[]"), None) as server, Egress(EgressPolicy(allowed=LOOPBACK)) as egress:
        assert await egress.get_json(f"http://localhost:{server.port}/") == []
        assert await refusal(egress.get_json(f"http://{HOST}:{server.port}/")) == "scheme"


async def test_media_types_are_expected(web):
    """A page or a picture is not a key set, whatever its bytes say; parameters do not matter."""
    kind = "application/JWT; charset=utf-8"
    async with (
        serving(answering(b"a.b.c", kind=kind), web.context(HOST)) as server,
        egress_to(server, web) as (egress, _),
    ):
        assert (await egress.get(URL, accept=REQUEST_OBJECT_TYPES)).body == b"a.b.c"
        assert await refusal(egress.get_json(URL)) == "content_type"


@pytest.mark.parametrize("status", ["204 No Content", "404 Not Found", "500 Internal Server Error"])
async def test_only_200_is_a_document(web, status):
    """Any other status is a failure that may pass."""
    async with (
        serving(answering(b"", status=status), web.context(HOST)) as server,
        egress_to(server, web) as (egress, _),
    ):
        assert await refusal(egress.get_json(URL), EgressFailed) == f"status {status[:3]}"


@pytest.mark.parametrize("body", [b"", b"{", b"nan", b"\xff", b"[" * 60000])
async def test_broken_json_is_a_failure(web, body):
    """Whatever comes instead of JSON, deep nesting included."""
    async with serving(answering(body), web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert await refusal(egress.get_json(URL), EgressFailed) == "json"


@pytest.mark.attack
async def test_a_certificate_of_another_name_is_refused(web):
    """The address is pinned, the name is still what TLS checks (CVE-2026-1180 by way of DNS)."""
    async with (
        serving(answering(b"[]"), web.context("other.example")) as server,
        egress_to(server, web) as (egress, _),
    ):
        assert await refusal(egress.get_json(URL), EgressFailed) == "network"
        assert server.seen == []


@pytest.mark.attack
async def test_an_unknown_authority_is_refused(web):
    """Extra anchors are a setting; without it the test authority counts for nothing."""
    async with (
        serving(answering(b"[]"), web.context("localhost")) as server,
        Egress(EgressPolicy(allowed=LOOPBACK)) as egress,
    ):
        assert await refusal(egress.get_json(server.url(host="localhost")), EgressFailed) == "network"
        assert server.seen == []


@pytest.mark.attack
@pytest.mark.parametrize("declared", [True, False])
async def test_a_huge_body_is_cut(web, declared):
    """Memory exhaustion: at most 64 kB are read, with or without Content-Length."""
    sent = 0

    async def endless(writer: asyncio.StreamWriter, _: bytes) -> None:
        nonlocal sent
        length = "Content-Length: 100000000\r\n" if declared else ""
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n".encode())
        while sent < 100_000_000:
            writer.write(b" " * 65536)
            sent += 65536
            await writer.drain()

    async with serving(endless, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert await refusal(egress.get_json(URL)) == "size"
    assert sent < 20_000_000


@pytest.mark.attack
@pytest.mark.parametrize("encoding", ["gzip", "deflate, gzip", "br", "zstd"])
async def test_a_compression_bomb_is_not_unpacked(web, encoding):
    """CVE-2025-61920's cousin: we ask for no compression and take none."""
    bomb = gzip.compress(b" " * 10_000_000)
    handler = answering(bomb, f"Content-Encoding: {encoding}")
    async with serving(handler, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert await refusal(egress.get_json(URL)) == "encoding"


@pytest.mark.attack
@pytest.mark.parametrize(
    "part", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"]
)
async def test_a_slow_server_costs_a_fixed_time(web, part):
    """Slowloris the other way round: one cap for everything, however steadily single bytes drip."""

    async def drip(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(part)
        while True:
            writer.write(b"H" if not part else b"")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with (
        serving(drip, web.context(HOST)) as server,
        egress_to(server, web, total_seconds=0.3) as (egress, _),
    ):
        started = asyncio.get_running_loop().time()
        assert await refusal(egress.get_json(URL), EgressFailed) == "timeout"
        assert asyncio.get_running_loop().time() - started < 60


@pytest.mark.attack
async def test_a_slow_resolver_costs_a_fixed_time(web):
    """Name servers belong to the attacker too."""

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with Egress(EgressPolicy(total_seconds=0.05), look_up=never) as egress:
        assert await refusal(egress.get_json(URL), EgressFailed) == "timeout"


@pytest.mark.attack
async def test_huge_headers_are_refused(web):
    """A header without end is a failure, not memory."""
    handler = answering(b"{}", "X: " + "a" * 2_000_000)
    async with serving(handler, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert await refusal(egress.get_json(URL), EgressFailed) == "network"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{}",
    ],
)
async def test_no_http_is_a_failure(web, answer):
    """Nothing, another protocol, or a body cut short."""

    async def handle(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with serving(handler := handle, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert handler
        assert await refusal(egress.get_json(URL), EgressFailed) == "network"


async def test_no_address_is_a_failure(web):
    """A name that resolves to nothing."""
    async with Egress(EgressPolicy(), look_up=Names([])) as egress:
        assert await refusal(egress.get_json(URL), EgressFailed) == "network"


@pytest.mark.attack
async def test_cookies_are_neither_kept_nor_sent(web):
    """One client's server cannot mark us and read the mark at another's (session fixation by egress)."""
    handler = answering(b"[]", "Set-Cookie: track=1; Path=/")
    async with serving(handler, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        await egress.get_json(URL)
        await egress.get_json(URL)
        assert all(b"cookie" not in head.lower() for head in server.seen)


@pytest.mark.attack
async def test_the_environment_is_not_asked(web, monkeypatch):
    """A proxy of the environment would resolve names itself and undo the pin; .netrc would send passwords."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with (
        serving(answering(b"[]"), web.context(HOST)) as server,
        egress_to(server, web) as (egress, wires),
    ):
        assert await egress.get_json(URL) == []
        assert wires.connected == [("93.184.215.14", 443)]


async def test_one_host_gets_so_many_fetches_at_a_time(web):
    """A registered address cannot make us flood somebody: the rest waits its turn, then all are answered."""
    now, most = 0, 0
    gate = asyncio.Event()

    async def handle(writer: asyncio.StreamWriter, request: bytes) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 2:
            gate.set()
        await gate.wait()
        await answering(b"[]")(writer, request)
        now -= 1

    async with (
        serving(handle, web.context(HOST)) as server,
        egress_to(server, web, per_host=2) as (egress, _),
    ):
        await asyncio.gather(*(egress.get_json(URL) for _ in range(6)))
        assert (most, len(server.seen)) == (2, 6)
        assert len(egress._places) == 0

"""Key sets by address: kept, looked up again for an unknown kid, shared, bounded."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from idp.egress import ClientKeys, KeepingTimes
from keys import KeyPurpose, KeyRing, base64url
from tests.idp_egress.servers import HOST, answering, egress_to, serving
from web.egress import EgressFailed, EgressRefused

URI = "https://client.example/jwks"


class Publisher:
    """A client's address: what it publishes, or why it does not; and how often it was asked."""

    def __init__(self, ring: KeyRing) -> None:
        self.document: object = ring.jwks()
        self.error: Exception | None = None
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, uri: str) -> object:
        """Fetch."""
        self.asked += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.document


class Clock:
    """A clock that moves when told."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def ring(tmp_path) -> KeyRing:
    """The client's own keys."""
    return KeyRing.create(tmp_path / "ring", profile="client", mode="demo")


@pytest.fixture
def publisher(ring) -> Publisher:
    """The client's address."""
    return Publisher(ring)


@pytest.fixture
def clock() -> Clock:
    """The time."""
    return Clock()


@pytest.fixture
def cache(publisher, clock) -> ClientKeys:
    """The cache under trial."""
    return ClientKeys(publisher, now=clock, most=3)


async def test_a_set_is_kept(cache, publisher, clock, ring):
    """Within five minutes one fetch serves everybody; then it is fetched again."""
    token = ring.signer(KeyPurpose.CLIENT_ASSERTION).sign({"a": 1})
    for _ in range(5):
        found = await cache.get(URI)
    assert found.signing.verify(token, algorithms=["ES256"], typ=None) == {"a": 1}
    assert publisher.asked == 1
    clock.now += 299
    await cache.get(URI)
    assert publisher.asked == 1
    clock.now += 1
    await cache.get(URI)
    assert publisher.asked == 2


async def test_a_new_kid_is_looked_up_at_once(cache, publisher, ring):
    """OpenID Connect Core 10.1.1: a rotated key works with its first token."""
    await cache.get(URI)
    ring.rotate(KeyPurpose.CLIENT_ASSERTION)
    publisher.document = ring.jwks()
    (new,) = (r.kid for r in ring.records if r.purpose is KeyPurpose.CLIENT_ASSERTION and r.state == "next")
    assert new in (await cache.get(URI, new)).kids
    assert publisher.asked == 2


@pytest.mark.attack
async def test_invented_kids_cause_few_fetches(cache, publisher, clock):
    """Amplification through unknown kids (Keycloak #51219): at most one fetch per ten seconds."""
    await cache.get(URI)
    for number in range(100):
        assert f"k{number}" not in (await cache.get(URI, f"k{number}")).kids
    assert publisher.asked == 2
    clock.now += 10
    await cache.get(URI, "another")
    assert publisher.asked == 3


@pytest.mark.attack
async def test_a_failure_is_remembered(cache, publisher, clock):
    """A dead or forbidden address is asked once per half minute, however many requests name it."""
    for error in (EgressFailed("timeout"), EgressRefused("address")):
        publisher.error, publisher.asked = error, 0
        for _ in range(10):
            with pytest.raises(type(error)) as found:
                await cache.get(URI, "kid")
            assert found.value.reason == error.reason
        assert publisher.asked == 1
        clock.now += 30
    publisher.error = None
    assert await cache.get(URI)


async def test_an_outage_of_the_client_is_survived_for_a_while(cache, publisher, clock):
    """A set that cannot be fetched anew serves for an hour from its fetch, not longer: revoked keys end."""
    await cache.get(URI)
    publisher.error = EgressFailed("network")
    clock.now += 3599
    assert await cache.get(URI)
    clock.now += 31
    with pytest.raises(EgressFailed):
        await cache.get(URI)


async def test_concurrent_callers_share_one_fetch(cache, publisher):
    """Single flight: a hundred requests, one fetch; one that gives up does not spoil the others'."""
    publisher.gate.clear()
    callers = [asyncio.create_task(cache.get(URI, None)) for _ in range(100)]
    await asyncio.sleep(0)
    callers[0].cancel()
    publisher.gate.set()
    found = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert len({id(each) for each in found[1:]}) == 1
    assert publisher.asked == 1


@pytest.mark.attack
async def test_memory_is_bounded(cache, publisher):
    """Many registered addresses push out the one that was used longest ago."""
    for place in range(10):
        await cache.get(f"{URI}/{place}")
    assert len(cache._entries) == 3
    await cache.get(f"{URI}/9")
    assert publisher.asked == 10
    await cache.get(f"{URI}/0")
    assert publisher.asked == 11


@pytest.mark.attack
@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"keys": {}},
        {"keys": [{"kty": "EC", "d": "x"}]},
        {"keys": [{"kty": "oct", "k": "x"}]},
        {"keys": [7]},
    ],
)
async def test_what_is_no_public_key_set_is_refused(cache, publisher, document):
    """RFC 7517 section 5; a published private or symmetric key is nobody's proof (CVE-2024-37568)."""
    publisher.document = document
    with pytest.raises(EgressFailed) as found:
        await cache.get(URI)
    assert found.value.reason == "keys"


async def test_the_times_are_settings(publisher, clock):
    """Every time of the cache can be set."""
    cache = ClientKeys(publisher, now=clock, times=KeepingTimes(fresh=1, stale=2, refusal=3, again=4))
    await cache.get(URI)
    clock.now += 1
    await cache.get(URI)
    assert publisher.asked == 2


async def test_keys_come_over_tls(web, ring):
    """The whole way: a key set on a TLS server, fetched by the egress client, verifies its client's token."""
    token = ring.signer(KeyPurpose.CLIENT_ASSERTION).sign({"iss": "client"})
    handler = answering(orjson.dumps(ring.jwks()), kind="application/jwk-set+json")
    async with serving(handler, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        found = await ClientKeys(egress.get_json).get(URI)
        assert found.signing.verify(token, algorithms=["ES256"], typ=None) == {"iss": "client"}


async def test_closing_ends_what_is_under_way(cache, publisher):
    """At shutdown no fetch is left behind."""
    publisher.gate.clear()
    caller = asyncio.create_task(cache.get(URI))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await cache.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller


def naming(kid: str | None) -> str:
    """A JOSE text that names a key; its signature is not looked at."""
    header = {"alg": "ES256"} if kid is None else {"alg": "ES256", "kid": kid}
    return base64url.encode(orjson.dumps(header)).decode() + ".e30.x"


async def test_a_document_is_asked_for_by_the_texts_that_need_it(cache, publisher, clock, ring):
    """OIDC Core 10.1.1: a text with an unknown kid looks again, one without a kid or without sense does not."""
    first = await cache.document(URI, ())
    assert first == ring.jwks()
    known = ring.jwks()["keys"][0]["kid"]
    for texts in ((naming(known),), (naming(None),), ("no jose",), ("",), ("\u00e9.x",), ("A" * 50_000,)):
        assert await cache.document(URI, texts) is first
    assert publisher.asked == 1
    assert await cache.document(URI, (naming("never published"),)) is not None
    assert publisher.asked == 2
    publisher.error = EgressFailed("network")
    assert await cache.document("https://client.example/other", ()) is None


@pytest.mark.attack
async def test_many_addresses_of_one_host_do_not_make_us_flood_it(cache, publisher, clock):
    """Attack list 33 (Keycloak CVE-2026-1180): whoever registers clients cannot turn us on somebody else's host."""
    for number in range(200):
        await cache.document(f"https://victim.example/jwks?{number}", ())
    assert publisher.asked == KeepingTimes().per_host
    assert await cache.document(URI, ()) is not None  # nobody else waits for it
    clock.now += 60
    assert await cache.document("https://victim.example/jwks?again", ()) is not None

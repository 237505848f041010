"""A portal asks whether a receipt still holds: the registry's lists only, bounded, kept for their time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from clients.portal_kit.registry import RegistryClient
from clients.portal_kit.withdrawals import KEPT_FOR, Withdrawals
from clients.receipts import ReceiptRefused
from keys import KeyPurpose, KeyRing
from population_registry.verification.status_list import list_claims, status_claim

REGISTRY = "http://localhost:8100"
LIST = f"{REGISTRY}/v1/status/0"


class Answers:
    """A registry of two addresses: its keys and list 0; counts what is fetched."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring, self.withdrawn, self.away, self.asked = ring, (), False, list[str]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        self.asked.append(request.url.path)
        if request.url.path == "/.well-known/jwks.json":
            return httpx2.Response(200, json=self.ring.jwks())
        if self.away:
            raise httpx2.ConnectError("away")
        claims = list_claims(REGISTRY, 0, self.withdrawn, datetime.now(UTC))
        return httpx2.Response(
            200, text=self.ring.signer(KeyPurpose.RECEIPT).sign(claims, typ="statuslist+jwt")
        )


@pytest.fixture
def answers(rings: dict[str, KeyRing]) -> Answers:
    """The registry."""
    return Answers(rings["registry"])


@pytest.fixture
def portal(answers: Answers) -> RegistryClient:
    """The portal's side of it."""
    return RegistryClient(
        REGISTRY, "residence-portal", httpx2.AsyncClient(transport=httpx2.MockTransport(answers))
    )


def receipt(ring: KeyRing, **changed: Any) -> str:
    """A receipt with place 5 in list 0."""
    claims = {
        "iss": REGISTRY,
        "aud": "residence-portal",
        "iat": int(time.time()),
        "status": status_claim(REGISTRY, 5),
    }
    return ring.signer(KeyPurpose.RECEIPT).sign(claims | changed, typ="identity-receipt+jwt")


async def stands(portal: RegistryClient, text: str) -> bool | str:
    """Whether the registry was asked, or why the receipt is refused."""
    try:
        return await portal.must_stand(text, await portal.check_receipt(text))
    except ReceiptRefused as refused:
        return refused.code


@pytest.mark.attack
async def test_a_withdrawn_receipt_is_refused_online(portal: RegistryClient, answers: Answers) -> None:
    """Its bit is looked up in the registry's list; the list is kept, so looking twice asks once."""
    text = receipt(answers.ring)
    assert await stands(portal, text) is True
    assert await stands(portal, text) is True
    assert answers.asked.count("/v1/status/0") == 1
    answers.withdrawn = (5,)
    fresh = RegistryClient(
        REGISTRY, "residence-portal", httpx2.AsyncClient(transport=httpx2.MockTransport(answers))
    )
    assert await stands(fresh, text) == "withdrawn"


async def test_without_the_registry_nothing_is_claimed(portal: RegistryClient, answers: Answers) -> None:
    """A registry that is away leaves the signature: it holds, and it is said that nobody could be asked."""
    answers.away = True
    assert await stands(portal, receipt(answers.ring)) is False


@pytest.mark.attack
@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example/v1/status/0",
        f"{REGISTRY}/v1/status/0/../../admin",
        f"{REGISTRY}/v1/status/x",
        f"{REGISTRY}.evil/v1/status/0",
    ],
)
async def test_no_other_address_is_ever_fetched(portal: RegistryClient, answers: Answers, uri: str) -> None:
    """Attack 33: whatever a receipt names, only our registry's lists are fetched."""
    text = receipt(answers.ring, status={"status_list": {"idx": 1, "uri": uri}})
    assert await stands(portal, text) is False
    assert answers.asked == ["/.well-known/jwks.json"]


@pytest.mark.attack
async def test_a_strangers_list_clears_nothing(
    portal: RegistryClient, answers: Answers, rings: dict[str, KeyRing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that the registry did not sign is refused, after one more try with the keys of now."""
    text = receipt(answers.ring)
    claims = await portal.check_receipt(text)
    monkeypatch.setattr(answers, "ring", rings["stranger"])
    with pytest.raises(ReceiptRefused, match="status list"):
        await portal.must_stand(text, claims)
    assert answers.asked.count("/v1/status/0") == 2


async def test_lists_are_kept_for_their_time_and_bounded() -> None:
    """After the `ttl` a list is fetched anew; an answer without end is dropped."""
    now, sizes = [0.0], [10]

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, text="x" * sizes[0])

    lists = Withdrawals(REGISTRY, httpx2.AsyncClient(transport=httpx2.MockTransport(answer)), lambda: now[0])
    assert await lists.list_at(LIST) == "x" * 10
    sizes[0] = 20
    now[0] = KEPT_FOR - 1
    assert await lists.list_at(LIST) == "x" * 10
    now[0] = KEPT_FOR
    assert await lists.list_at(LIST) == "x" * 20
    sizes[0] = (1 << 20) + 1
    assert await lists.list_at(LIST, anew=True) is None

"""A portal takes the registry's events: only from it, only for us, each once, the newest of a dossier (RFC 8935)."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.storage.tables import registry_dossier
from keys import KeyPurpose, KeyRing
from tests.clients.conftest import URLS, Running, Start

PREFIX = "urn:example:vn:registry:event:"


@pytest.fixture(scope="session")
def event_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """The keys of a registry."""
    return KeyRing.create(tmp_path_factory.mktemp("event-ring"), profile="registry", mode="demo")


@pytest.fixture
async def residence(start: Start, event_ring: KeyRing) -> Running:
    """The residence portal, which knows the keys that the registry publishes."""
    running = await start("residence_portal")

    class Known(SenderKeys):
        async def fetched(self, sender: str) -> dict[str, Any]:
            return event_ring.jwks()

    running.app.state.registry_keys = Known((running.portal.settings.registry_url,))
    return running


HAPPENED = "2026-11-21T09:00:00+07:00"


def event(
    running: Running, ring: KeyRing, purpose: KeyPurpose = KeyPurpose.SECURITY_EVENT, **changed: Any
) -> str:
    """A signed event of a dossier; a change of None removes a claim, `code` and `number` say which."""
    code, number = changed.pop("code", "H01.1"), changed.pop("number", 1)
    typ = changed.pop("typ", "secevent+jwt")
    said = {"dossier_code": code, "number": number, "state": str(number), "occurred_at": HAPPENED}
    claims = {
        "iss": running.portal.settings.registry_url,
        "aud": URLS["residence_portal"],
        "iat": int(time.time()),
        "toe": int(time.time()),
        "jti": str(uuid4()),
        "sub_id": {"format": "opaque", "id": code},
        "events": {f"{PREFIX}dossier-changed": said},
    }
    kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return ring.signer(purpose).sign(kept, typ=typ)


async def push(running: Running, token: str, kind: str = "application/secevent+jwt") -> tuple[int, str]:
    """Push a token; status and error code of the answer."""
    answer = await running.http.post("/events", content=token, headers={"Content-Type": kind})
    return answer.status_code, answer.json()["err"] if answer.status_code == 400 else ""


async def state_of(running: Running, code: str) -> str | None:
    """Where the portal believes that a dossier stands."""
    async with running.portal.database.transaction() as connection:
        found = await connection.execute(
            select(registry_dossier.c.state).where(registry_dossier.c.code == code)
        )
        return found.scalar_one_or_none()


async def test_the_newest_of_a_dossier_counts(residence: Running, event_ring: KeyRing) -> None:
    """A dead letter that is sent again after its successors changes nothing; every push is confirmed with 202."""
    code = f"H01.{uuid4().hex[:8]}"
    for number in (1, 3, 2):
        assert await push(residence, event(residence, event_ring, code=code, number=number)) == (202, "")
    assert await state_of(residence, code) == "3"


async def test_an_event_is_taken_once(residence: Running, event_ring: KeyRing) -> None:
    """At least once on the wire, once in effect: the same `jti` again is 202 and is not applied."""
    code, jti = f"H01.{uuid4().hex[:8]}", str(uuid4())
    await push(residence, event(residence, event_ring, code=code, number=1, jti=jti))
    assert await push(residence, event(residence, event_ring, code=code, number=9, jti=jti)) == (202, "")
    assert await state_of(residence, code) == "1"


async def test_kinds_that_nobody_knows_are_taken(residence: Running, event_ring: KeyRing) -> None:
    """RFC 8417 section 2: a receiver ignores event identifiers that it does not understand."""
    strange = event(residence, event_ring, events={"urn:other": {}})
    assert await push(residence, strange) == (202, "")


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changed", "err"),
    [
        ({"aud": "https://other.example"}, "invalid_key"),
        ({"aud": [URLS["residence_portal"], "https://other.example"]}, "invalid_request"),
        ({"iss": "https://evil.example"}, "invalid_key"),
        ({"exp": 9_999_999_999}, "invalid_request"),
        ({"jti": None}, "invalid_key"),
        ({"jti": "x" * 200}, "invalid_request"),
        ({"events": None}, "invalid_request"),
        ({"events": []}, "invalid_request"),
        ({"sub_id": "H01"}, "invalid_request"),
        ({"purpose": KeyPurpose.RECEIPT, "typ": "identity-receipt+jwt"}, "invalid_request"),
    ],
)
async def test_what_is_no_event_for_us_is_refused(
    residence: Running, event_ring: KeyRing, changed: dict[str, Any], err: str
) -> None:
    """RFC 8935 section 2.4: 400 with a code; a receipt of the same registry is no event (RFC 8725 section 3.11)."""
    code = f"H01.{uuid4().hex[:8]}"
    assert await push(residence, event(residence, event_ring, code=code, **changed)) == (400, err)
    assert await state_of(residence, code) is None


@pytest.mark.attack
async def test_strangers_and_noise_are_refused(
    residence: Running, rings: dict[str, KeyRing], event_ring: KeyRing
) -> None:
    """Another's signature, no token at all, another media type, too much of it."""
    foreign = (
        rings["national_portal"].signer(KeyPurpose.PAYMENT).sign({"iss": "x"}, typ="payment-request+jwt")
    )
    assert await push(residence, foreign) == (400, "invalid_key")
    assert await push(residence, "noise") == (400, "invalid_key")
    assert await push(residence, event(residence, event_ring), "application/json") == (400, "invalid_request")
    assert await push(residence, "e" * 20_000) == (400, "invalid_request")

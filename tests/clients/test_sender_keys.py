"""Keys of those who send signed messages: known senders only, fetched seldom."""

from __future__ import annotations

from typing import Any

import pytest

from clients.portal_kit.sender_keys import SenderKeys, UnknownSender
from keys import KeyRing
from tests.clients.conftest import REGISTRY


@pytest.mark.attack
async def test_strangers_cannot_make_us_fetch(rings: dict[str, KeyRing]) -> None:
    """Keys come from configured addresses only, and not twice within seconds (attack 33)."""
    fetched: list[str] = []

    class Counting(SenderKeys):
        async def fetched(self, sender: str) -> dict[str, Any]:
            fetched.append(sender)
            return rings["registry"].jwks()

    known = Counting((REGISTRY,))
    for _ in range(5):
        await known.of(REGISTRY, "an-unknown-kid")
    with pytest.raises(UnknownSender):
        await known.of("http://169.254.169.254", "kid")
    assert fetched == [REGISTRY]

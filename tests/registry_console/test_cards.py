"""Cards beside the record: a phone's signed card and a chip's files, at the desk and for somebody from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from keys import KeyPurpose, KeyRing
from population_registry.cards import document_of
from population_registry.papers.chip.issuing import issue_card
from population_registry.papers.keeping import CardKeys
from population_registry.storage import load_facts
from tests.registry_api.conftest import ISSUER, LAN, PHUC, Registry
from tests.registry_console.conftest import Desk, Sit, handle_on
from tests.registry_console.test_eid import behind
from tests.tampering import altered

pytestmark = pytest.mark.engine
COMMUNE, CENTRE = "CA-00166-017", "C06-012"
FLAGS = re.compile(r'class="tag tag-(success|danger|warning|neutral)">')


async def last_day(registry: Registry, number: str) -> str | None:
    """The last day of somebody's newest card in the record."""
    async with registry.app.state.console.database.pool() as pool:
        person = (await load_facts(pool, [number])).subject
    assert person is not None
    card = max(person.documents, key=lambda each: each.issued)
    return None if card.expires is None else card.expires.isoformat()


async def presented(registry: Registry, person: dict[str, str], **changed: Any) -> str:
    """What a scanner reads off the phone of this person now."""
    now = registry.clock.timestamp()
    claims = {
        "iss": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": f"shown-{uuid4()}",
        **person,
        "card": {"state": "valid", "expires": await last_day(registry, person["number"])},
    }
    signer = registry.issuer.ring.signer(KeyPurpose.EID_APP)
    return f"{ISSUER}/check-card#{signer.sign(claims | changed, typ=changed.pop('typ', 'eid-card+jwt'))}"


async def compared(desk: Desk, card: str, case: str = "G01.899.05-261121-030009") -> Any:
    """Lan's record with this card beside it."""
    await desk.take(case=case)
    page = await desk.send_form("/console/find", number=LAN["number"])
    return await desk.send_form("/console/compare", person=handle_on(page), card=card)


async def test_the_signed_card_of_a_phone_beside_the_record(registry: Registry, sit: Sit) -> None:
    """Law on Identity Art. 33: signature, number, name, birth date and card agree; the holder's log has it."""
    desk, case = await sit(COMMUNE), "G01.899.05-261121-030021"
    page = await compared(desk, await presented(registry, LAN), case)
    assert page.status_code == 200, page.text
    assert "chữ ký đúng" in page.text
    assert FLAGS.findall(page.text)[:5] == ["success"] * 5
    assert "không có chữ ký" not in page.text
    verified = [
        row for row in await registry.log_of(LAN["number"], case) if "verified" in row["fields"].values()
    ]
    assert [(row["officer"], row["fields"]) for row in verified] == [
        (COMMUNE, {"name": "verified", "birth_date": "verified", "card": "verified"})
    ]


@pytest.mark.attack
async def test_a_picture_or_a_forgery_is_compared_with_nobody(registry: Registry, sit: Sit) -> None:
    """Attack 45: a minute old, used before, of another issuer or key, claiming more: said, nothing looked up."""
    desk, case = await sit(COMMUNE), "G01.899.05-261121-030022"
    spent = await presented(registry, LAN)
    assert (await compared(desk, spent, case)).status_code == 200
    now = registry.clock.timestamp()
    stranger = registry.issuer.ring.signer(KeyPurpose.ACCESS_TOKEN)
    refused = {
        spent: "đã được dùng",
        spent.rpartition("#")[2]: "đã được dùng",
        await presented(registry, LAN, iat=now - 61, exp=now - 1): "quá một phút",
        await presented(registry, LAN, exp=now + 3_600): "không phải thẻ",
        await presented(registry, LAN, iss="https://evil.example"): "không phải thẻ",
        await presented(registry, LAN, number="x"): "không phải thẻ",
        stranger.sign({"iss": ISSUER, "iat": now, "exp": now + 60}, typ="at+jwt"): "không phải thẻ",
        altered(spent): "không phải thẻ",
    }
    for card, words in refused.items():
        page = await compared(desk, card, case)
        assert (page.status_code, words in page.text) == (400, True), words
        assert card[-40:] not in page.text, "the next code is scanned into an empty field"
    rows = [row for row in await registry.log_of(LAN["number"], case) if "verified" in row["fields"].values()]
    assert len(rows) == 1


@pytest.mark.attack
async def test_a_phone_of_somebody_else_is_seen(registry: Registry, sit: Sit) -> None:
    """A genuine card of another person: the number's line says so, and so does every other."""
    page = await compared(await sit(COMMUNE), await presented(registry, PHUC))
    assert page.status_code == 200
    assert FLAGS.findall(page.text)[:4] == ["danger", "success", "danger", "danger"]
    assert "notice-success" not in page.text


async def test_a_phone_is_enough_to_be_received_elsewhere(registry: Registry, sit: Sit) -> None:
    """Decree 69/2024 Art. 11: the signed card opens the e-ID page at any office, once."""
    behind(registry)
    desk = await sit(COMMUNE)
    await desk.take("verify_in_person", "G01.899.05-261121-030023")
    closed = handle_on(await desk.send_form("/console/find", number=PHUC["number"]))
    card = await presented(registry, PHUC)
    wrong = await desk.send_form("/console/present", person=closed, card=await presented(registry, LAN))
    assert wrong.status_code == 400
    assert (await desk.send_form("/console/present", person=closed, card=card)).status_code == 200
    again = await desk.send_form("/console/present", person=closed, card=card)
    assert (again.status_code, "đã dùng" in again.text) == (400, True)


async def test_without_the_providers_keys_nothing_is_believed(registry: Registry, sit: Sit) -> None:
    """An unreachable provider is said as such; no record is compared."""
    registry.issuer.away = True
    desk = await sit(COMMUNE)
    page = await compared(desk, await presented(registry, LAN))
    assert page.status_code == 503


async def test_the_files_of_a_chip_beside_the_record(
    registry: Registry, sit: Sit, key_rings: tuple[Path, KeyRing]
) -> None:
    """ICAO 9303-11: the chip is proof; with one file of another card its signature does not hold."""
    keys = CardKeys.beside(key_rings[0], KeyRing.open(key_rings[0], mode="demo"))
    keys.complete(registry.clock())
    async with registry.app.state.console.database.pool() as pool:
        lan, phuc = [(await load_facts(pool, [who["number"]])).subject for who in (LAN, PHUC)]
    assert lan is not None
    assert phuc is not None
    today = registry.clock().date()
    own, other = [
        document_of(issue_card(who, keys.signer(registry.clock()), today))["chip"] for who in (lan, phuc)
    ]
    desk = await sit(COMMUNE)
    page = await compared(desk, orjson.dumps(own).decode())
    assert page.status_code == 200, page.text
    assert FLAGS.findall(page.text)[:6] == ["success"] * 6
    mixed = await compared(desk, orjson.dumps(own | {"dg13": other["dg13"]}).decode())
    assert FLAGS.findall(mixed.text)[:2] == ["danger", "danger"], (
        "its number is the other's, and no signature covers it"
    )
    for broken in ("{", "{}", '{"sod": 1}', "[" * 20_000):
        assert (await compared(desk, broken)).status_code == 400

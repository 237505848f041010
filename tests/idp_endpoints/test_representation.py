"""Parents and guardians over HTTP: tokens for a dependant, with ``act``, by the registry's word and the clock's."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from idp.accounts import representation
from idp.accounts.holding import birthday
from idp.domain.decision import Decision
from idp.domain.writes import KeepDependant, KillGrantsOf
from idp.protocol.rfc8693_token_exchange import ACCESS_TOKEN, DEPENDANT, GRANT_TYPE
from idp.registry import HttpRegistry
from tests.idp_endpoints.counter import Somebody, active, detail, post, somebody
from tests.idp_endpoints.people import REGISTRY
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.idp_endpoints.test_token_exchange import claims_of
from tests.idp_storage.samples import fresh_number

pytestmark = pytest.mark.engine


@dataclass
class Kin:
    """The registry as far as it knows who acts for whom: what it said, and what it was asked."""

    flag: str = "match"
    reasons: tuple[str, ...] = ("as_parent",)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a verification."""
        body = json.loads(request.content)
        self.asked.append(body)
        said = {name: {"flag": "match", "reasons": []} for name in body["claims"]}
        said["representative_of"] = {"flag": self.flag, "reasons": list(self.reasons)}
        return httpx2.Response(200, json={"results": said})


@pytest.fixture
async def kin(provider: Provider) -> AsyncIterator[Kin]:
    """A registry that answers by its wire format."""
    services = provider.app.state.services
    said = Kin()
    adapter = HttpRegistry(REGISTRY, ISSUER, services.ring, transport=httpx2.MockTransport(said))
    provider.app.state.services = replace(services, registry=adapter)
    yield said
    provider.app.state.services = services


def years_ago(years: int, days: int = 0) -> date:
    """Born so long ago, by the day in Viet Nam."""
    today = representation.day_of(int(time.time()))
    born = birthday(today, -years)
    if birthday(born, years) > today:  # on 29 February: whoever was born on 1 March has the birthday tomorrow
        born -= timedelta(days=1)
    return born + timedelta(days=days)


async def named(
    provider: Provider, guardian: Somebody, born: date, relation: str = "child", number: str = ""
) -> None:
    """The registry confirmed this dependant once."""
    services = provider.app.state.services
    number = number or fresh_number()
    reference = services.own.reference(guardian.account_id, number)
    write = KeepDependant(guardian.account_id, reference, number, "Bé Thử", born.isoformat(), relation)
    await services.loop.committing.commit(Decision(None, (write,)))


async def listed(provider: Provider, guardian: Somebody) -> list[dict[str, Any]]:
    """Whom the guardian may act for, as the counter hears."""
    form = {"actor_token": guardian.token, "actor_token_type": ACCESS_TOKEN}
    answer = await post(provider, "/eid/v1/dependants", form)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["dependants"]
    return found


async def acted(provider: Provider, guardian: Somebody, subject: str, **changes: Any) -> httpx2.Response:
    """The exchange."""
    form = {
        "grant_type": GRANT_TYPE,
        "subject_token": subject,
        "subject_token_type": DEPENDANT,
        "actor_token": guardian.token,
        "actor_token_type": ACCESS_TOKEN,
        "resource": REGISTRY,
    } | changes
    return await post(provider, "/token", form)


async def test_a_parent_gets_a_token_for_a_child(provider: Provider, kin: Kin) -> None:
    """RFC 8693 4.1: sub and pid are the child's, act the parent's; the registry was asked this moment."""
    parent = await somebody(provider, born="1990-05-05")
    await named(provider, parent, years_ago(7))
    (child,) = await listed(provider, parent)
    assert (child["name"], child["basis"]) == ("Bé Thử", "parent")
    assert child["birthdate"] == years_ago(7).isoformat()
    wanted = detail()
    answer = await acted(
        provider,
        parent,
        child["sub"],
        authorization_details=json.dumps([wanted]),
        scope="pid registry:dossiers",
    )
    assert answer.status_code == 200, answer.text
    claims = claims_of(answer.json()["access_token"])
    assert claims["sub"] == child["sub"] != parent.subject
    assert claims["pid"] == kin.asked[-1]["claims"]["representative_of"]["number"] != parent.number
    assert (
        claims["pid"] == child["pid"]
    )  # with whom the guardian named them, where the guardian's own token has pid
    assert claims["act"] == {
        "sub": parent.subject,
        "kind": "representative",
        "basis": "parent",
        "pid": parent.number,
    }
    assert claims["authorization_details"] == [wanted]
    assert kin.asked[-1]["subject"] == {"number": parent.number}
    assert not {"refresh_token", "id_token"} & answer.json().keys()
    rows = await provider.app.state.storage.records.history(parent.account_id)
    assert any(row.kind == "acted_for" and f"dossier:{wanted['dossier']}" in row.claims for row in rows)


async def test_a_child_with_an_account_reads_of_it(provider: Provider, kin: Kin) -> None:
    """Both histories: the dependant's names the guardian; a lock of the child's account ends the guardian's token."""
    del kin
    parent, child = await somebody(provider), await somebody(provider, level=1)
    await named(provider, parent, years_ago(15), number=child.number)
    (known,) = await listed(provider, parent)
    assert known["scope"] == "pid registry:dossiers"
    token = (await acted(provider, parent, known["sub"])).json()["access_token"]
    rows = await provider.app.state.storage.records.history(child.account_id)
    assert any(row.kind == "delegated" and f"actor:{parent.account_id}" in row.claims for row in rows)
    assert await active(provider, token)
    kill = KillGrantsOf(child.account_id, "locked")
    await provider.app.state.storage.committing.commit(Decision(None, (kill,)))
    assert not await active(provider, token)


@pytest.mark.attack
@pytest.mark.parametrize(("years", "days", "scope"), [(14, 1, True), (14, 0, False), (18, 1, False)])
async def test_fourteen_takes_release_away(
    provider: Provider, kin: Kin, years: int, days: int, scope: bool
) -> None:
    """Decree 69/2024 Art. 14(2): there the day before the birthday, gone on the day, by the clock alone."""
    del kin
    parent = await somebody(provider)
    await named(provider, parent, years_ago(years, days))
    (child,) = await listed(provider, parent)
    answer = await acted(provider, parent, child["sub"], scope="registry:release")
    assert (answer.status_code == 200) is scope, answer.text
    if not scope:
        assert answer.json()["error"] == "invalid_scope"
    until = representation.beginning(birthday(years_ago(years, days), years + 4 * (days == 0)))
    token = claims_of((await acted(provider, parent, child["sub"])).json()["access_token"])
    assert token["exp"] <= until


@pytest.mark.attack
async def test_eighteen_ends_it(provider: Provider, kin: Kin) -> None:
    """Civil Code Arts. 20, 21: on the day there is no name in the list and no token for who kept the pseudonym."""
    parent = await somebody(provider)
    await named(provider, parent, years_ago(18), number="099018000001")
    assert await listed(provider, parent) == []
    young = await somebody(provider)
    await named(provider, young, years_ago(18, 1), number="099018000001")
    (kept,) = await listed(provider, young)
    answer = await acted(provider, parent, kept["sub"])
    assert answer.json()["error"] == "invalid_request"
    assert not kin.asked


@pytest.mark.attack
@pytest.mark.parametrize("relation", ["child", "ward"])
async def test_what_the_registry_no_longer_says_is_over(provider: Provider, kin: Kin, relation: str) -> None:
    """Court or death ended it: what was confirmed once counts for nothing (attack 52)."""
    guardian = await somebody(provider)
    await named(provider, guardian, years_ago(9), relation)
    (known,) = await listed(provider, guardian)
    kin.flag = "mismatch"
    assert (await acted(provider, guardian, known["sub"])).json()["error"] == "invalid_request"
    kin.flag, kin.reasons = "unknown", ()
    assert (await acted(provider, guardian, known["sub"])).json()["error"] == "invalid_request"
    kin.flag, kin.reasons = "match", ("as_guardian",)
    token = claims_of((await acted(provider, guardian, known["sub"])).json()["access_token"])
    assert token["act"]["basis"] == "guardian"


@pytest.mark.attack
async def test_a_stranger_a_weak_sign_in_and_a_locked_child(provider: Provider, kin: Kin) -> None:
    """Attacks 28 and 52: a caught pseudonym is nobody's key; two factors at level 2; what is locked is locked."""
    parent, stranger = await somebody(provider), await somebody(provider)
    await named(provider, parent, years_ago(6))
    (child,) = await listed(provider, parent)
    assert (await acted(provider, stranger, child["sub"])).json()["error"] == "invalid_request"
    for weak in (await somebody(provider, acr="l2-a1"), await somebody(provider, level=1)):
        await named(provider, weak, years_ago(6))
        assert (await acted(provider, weak, child["sub"])).status_code == 400
    assert not kin.asked
    locked = await somebody(provider, status="locked", lock_reasons=["own_request"])
    await named(provider, parent, years_ago(15), number=locked.number)
    theirs = next(each for each in await listed(provider, parent) if each["sub"] != child["sub"])
    assert (await acted(provider, parent, theirs["sub"])).json()["error"] == "invalid_request"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "representation"}, "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_scope"),
        ({"resource": ISSUER}, "invalid_target"),
        ({"actor_token_type": DEPENDANT}, "invalid_request"),
        ({"actor_token": "nothing"}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
    ],
)
async def test_an_exchange_never_widens(
    provider: Provider, kin: Kin, changes: dict[str, str], error: str
) -> None:
    """It signs nobody in, is for one resource, and is never passed on."""
    del kin
    parent = await somebody(provider)
    await named(provider, parent, years_ago(5))
    (child,) = await listed(provider, parent)
    answer = await acted(provider, parent, child["sub"], **changes)
    assert answer.json()["error"] == error, answer.text


@pytest.mark.attack
async def test_a_childs_token_opens_no_list_and_no_other_child(provider: Provider, kin: Kin) -> None:
    """A delegated token is no actor token, and dies with the parent's sign-in."""
    del kin
    parent = await somebody(provider)
    await named(provider, parent, years_ago(5))
    (child,) = await listed(provider, parent)
    token = (await acted(provider, parent, child["sub"])).json()["access_token"]
    assert await active(provider, token)
    form = {"actor_token": token, "actor_token_type": ACCESS_TOKEN}
    assert (await post(provider, "/eid/v1/dependants", form)).json()["error"] == "invalid_request"
    kill = KillGrantsOf(parent.account_id, "locked")
    await provider.app.state.storage.committing.commit(Decision(None, (kill,)))
    assert not await active(provider, token)
    again = await acted(provider, parent, child["sub"])
    assert again.json()["error"] == "invalid_request"

"""A portal that follows the rules gets an A; one that leaves a rule out is told which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest

from demo.test_drive.app import create_app
from demo.test_drive.drive import PATH, TestDrive
from demo.test_drive.examining import CannotExamine, Examiner, Portal
from demo.test_drive.faults import LESSONS, Fault, table
from demo.test_drive.grading import LOGIN_CSRF, Conduct, Grade, grade
from idp.settings import Settings
from tests.idp_pages.conftest import ISSUER
from tests.test_drive.portal import CHALLENGE, HOME, careless_portal
from web import Mode, SettingsError

pytestmark = pytest.mark.engine
NEIGHBOURS = {Fault.WRONG_STATE, Fault.EXPIRED, Fault.WRONG_NONCE, Fault.WEAK_LEVEL}
PORTAL = Portal(f"{HOME}/sign-in", f"{HOME}/", "portal")


class Wires(httpx2.AsyncBaseTransport):
    """The portal and the driven provider, each by its address, in this process."""

    def __init__(self, driven: TestDrive, leaves_out: tuple[str, ...] = ()) -> None:
        provider = httpx2.ASGITransport(driven)
        self._ways = {
            ISSUER: provider,
            HOME: httpx2.ASGITransport(careless_portal(provider, leaves_out), raise_app_exceptions=False),
        }

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it to whoever lives there."""
        origin = f"{request.url.scheme}://{request.url.netloc.decode()}"
        return await self._ways[origin].handle_async_request(request)


async def examined(driven: TestDrive, faults: Sequence[Fault], *leaves_out: str) -> dict[str, Conduct]:
    """What a portal that leaves these checks out does about each fault."""
    wires = Wires(driven, leaves_out)
    found = await Examiner(PORTAL, ISSUER, faults=faults, transport=wires).findings()
    return {each.trial: each.conduct for each in found}


async def test_a_careful_portal_gets_an_a(driven: TestDrive) -> None:
    """Every fault of Core 3.1.3.7, RFC 9207 and RFC 9700 4.7 is refused; the honest sign-in before it was not."""
    found = await Examiner(PORTAL, ISSUER, transport=Wires(driven)).findings()
    assert {each.trial for each in found} == {LOGIN_CSRF, *Fault}
    assert [each for each in found if not each.good] == []
    assert grade({each.trial: each for each in found}) is Grade.A
    brought = {each.trial for each in found if each.conduct is not Conduct.UNMET}
    assert brought == {LOGIN_CSRF, *Fault}


@pytest.mark.attack
@pytest.mark.parametrize(
    ("left_out", "accepted"),
    [
        ("state", {"wrong_state", "missing_state"}),
        ("answer_iss", {"mixed_up_issuer"}),
        ("signature", {"bad_signature", "unknown_key", "unsigned", "confused_algorithm"}),
        ("iss", {"wrong_issuer"}),
        ("aud", {"wrong_audience"}),
        ("azp", {"foreign_party"}),
        ("exp", {"expired"}),
        ("iat", {"from_the_future"}),
        ("nonce", {"wrong_nonce", "missing_nonce"}),
        ("acr", {"weak_level"}),
        ("userinfo", {"somebody_else", "missing_subject"}),
    ],
)
async def test_a_careless_portal_is_told_what_it_leaves_out(
    driven: TestDrive, left_out: str, accepted: set[str]
) -> None:
    """Each missing check shows as the faults that it would have found, and as no others."""
    also = ("sub",) if left_out == "userinfo" else ()
    faults = sorted({Fault(name) for name in accepted} | NEIGHBOURS)
    found = await examined(driven, faults, left_out, *also)
    came_in = {trial for trial, conduct in found.items() if conduct is Conduct.ACCEPTED}
    assert came_in == accepted


@pytest.mark.attack
async def test_an_answer_to_another_browser_signs_nobody_in(driven: TestDrive) -> None:
    """Login CSRF (attack 43): a portal without state and nonce follows a stranger's answer, and gets an F."""
    wires = Wires(driven, ("state", "nonce"))
    found = await Examiner(PORTAL, ISSUER, faults=(), transport=wires).findings()
    by_trial = {each.trial: each for each in found}
    assert by_trial[LOGIN_CSRF].conduct is Conduct.ACCEPTED
    assert grade(by_trial) is Grade.F


async def test_a_page_that_everybody_sees_proves_nothing(driven: TestDrive) -> None:
    """The checker says so, and leaves no order behind."""
    open_page = Portal(PORTAL.sign_in, f"{ISSUER}/health/live", "portal")
    with pytest.raises(CannotExamine, match="opens to strangers"):
        await Examiner(open_page, ISSUER, transport=Wires(driven)).findings()
    assert driven.orders.of("portal") is None


async def test_orders_are_judged(driven: TestDrive) -> None:
    """Unknown faults and people, foreign JSON and huge bodies are refused by 400; other methods by 405."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(driven), base_url=ISSUER) as http:
        listed = (await http.get(PATH)).json()
        assert {each["fault"] for each in listed["faults"]} == set(Fault) == set(LESSONS)
        assert listed["personas"][0] == "lan"
        for body in (
            b"",
            b"[]",
            b"\xff",
            b"[" * 50_000,
            b"x" * 70_000,
            b'{"fault": "nothing"}',
            b'{"persona": "ai"}',
        ):
            refused = await http.put(f"{PATH}/portal", content=body)
            assert refused.status_code == 400, body[:20]
        assert (await http.post(f"{PATH}/portal")).status_code == 405
        assert (await http.put(f"{PATH}/portal", json={"fault": "expired"})).json()["fault"] == "expired"
        assert (await http.delete(f"{PATH}/portal")).json()["fault"] is None


async def test_whoever_is_not_driven_meets_the_provider(driven: TestDrive) -> None:
    """An order for one client changes nothing for another, nor for the same client's earlier tokens."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(driven), base_url=ISSUER) as http:
        await http.put(f"{PATH}/someone-else", json={"persona": "lan", "fault": "expired"})
        begun = await http.get(
            f"/authorize?client_id=portal&response_type=code&scope=openid&redirect_uri={HOME}/callback"
            f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
        )
        assert begun.headers["location"].startswith("/sign-in?")


def test_the_page_lists_every_fault() -> None:
    """docs/test-drive.md says of each fault what it is and where the rule is written."""
    page = (Path(__file__).parents[2] / "docs" / "test-drive.md").read_text(encoding="utf-8")
    assert table() in page


@pytest.mark.attack
def test_only_a_demo_can_be_driven() -> None:
    """Attack 55: in production mode the wrapper refuses to be made, whatever else is set."""
    settings = Settings(
        mode=Mode.PRODUCTION,
        public_url="https://eid.example",
        database_url="postgresql+asyncpg://nobody@localhost/none",
        redis_url="redis://localhost:1",
        keys_dir=Path("/nowhere"),
        registry_url="https://registry.example",
    )
    with pytest.raises(SettingsError, match="demo only"):
        create_app(settings)

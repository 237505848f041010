"""Confirmations of residence, form CT07: issued, given again, checked, and void by the smallest change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import asyncpg
import pytest
from jose import jwt

from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.storage.withdrawing import Reason, withdraw
from population_registry.synthesis import populate
from tests.engines import MakeDatabase
from tests.registry_api.confirmed import HUNG, ORDER, check, claims_of, confirmed, state_of
from tests.registry_api.conftest import LAN, PERSONAS, REGISTRY, Registry

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
async def own_database(make_database: MakeDatabase) -> str:
    """The personas, for tests that change their records."""
    url = await make_database("confirmations")
    await migrate(url)
    await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    return url


@pytest.fixture
async def registry(
    start: Callable[[str], AsyncIterator[Registry]], own_database: str
) -> AsyncIterator[Registry]:
    """The registry on that database, nothing checked yet."""
    async with _connected(own_database) as connection:
        await connection.execute("DELETE FROM guessing_budget")
    async for running in start(own_database):
        yield running


class _connected:  # noqa: N801 -- reads as a verb
    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> asyncpg.Connection:
        self._connection = await connect(self._url)
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


async def test_a_confirmation_is_checked_offline_with_the_published_keys(registry: Registry) -> None:
    """RFC 7519: python-jose accepts it with the registry's JWKS alone; it lasts a year (residence.md section 10)."""
    paper = await confirmed(registry)
    keys = (await registry.http.get("/.well-known/jwks.json")).json()
    read = jwt.decode(
        paper["confirmation"],
        keys,
        algorithms=["ES256"],
        issuer=REGISTRY,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert jwt.get_unverified_header(paper["confirmation"])["typ"] == "residence-confirmation+jwt"
    assert (read["form"], read["identity"]["number"]) == ("CT07", HUNG)
    assert paper["issued_at"].startswith("2026-11-21")
    assert paper["valid_until"].startswith("2027-11-21")
    assert read["synthetic"] is True
    assert "116/2026" in read["legal_basis"]


async def test_a_confirmation_names_members_without_their_numbers(registry: Registry) -> None:
    """CT07 lists head, members and relations; nobody but the holder is shown with a personal number."""
    household = claims_of((await confirmed(registry))["confirmation"])["household"]
    assert household["head"] == "Lê Quang Hùng"
    assert len(household["members"]) == 4
    assert all(set(each) == {"name", "birth_date", "sex", "relation"} for each in household["members"])


async def test_everybody_listed_finds_the_paper_in_their_log(registry: Registry) -> None:
    """Issuing releases data of each member of the household: one row each, the check adds one for the holder."""
    paper = await confirmed(registry)
    await state_of(registry, paper)
    assert {"confirmed", "valid"} <= {each["outcome"] for each in await registry.log_of(HUNG)}
    entries = await registry.log_of("099182000141")
    assert any(each["outcome"] == "confirmed" and set(each["fields"]) == {"household"} for each in entries)


async def test_the_same_key_gets_the_same_paper(registry: Registry) -> None:
    """Idempotency-Key: a repeated request issues nothing new; another request under the key is refused."""
    token = registry.issuer.personal(HUNG)
    first = await registry.post("/v1/confirmations", ORDER, token, **{"Idempotency-Key": "ct07-hung-1"})
    again = await registry.post("/v1/confirmations", ORDER, token, **{"Idempotency-Key": "ct07-hung-1"})
    assert (first.status_code, first.content) == (201, again.content)
    other = ORDER | {"purpose": "Việc khác"}
    refused = await registry.post("/v1/confirmations", other, token, **{"Idempotency-Key": "ct07-hung-1"})
    assert refused.json()["code"] == "idempotency-key-reused"


@pytest.mark.attack
async def test_a_client_reads_its_own_papers_only(registry: Registry) -> None:
    """Attack 49: neither another client nor another person's token opens a paper; who may, gets the same bytes."""
    paper = await confirmed(registry)
    same = await registry.get(paper["json"], registry.issuer.personal(HUNG))
    assert same.json() == paper
    other_client = await registry.get(paper["json"], registry.issuer.personal(HUNG, client_id="eid-app"))
    other_person = await registry.get(paper["json"], registry.issuer.personal(LAN["number"]))
    assert (other_client.status_code, other_person.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"acr": "urn:example:vn:acr:l2-a1"}, "insufficient-authentication"),
        ({"pid": None}, "subject-token-required"),
        ({"scope": "registry:verify"}, "insufficient-scope"),
        ({"client_id": "insurance-portal"}, "procedure-not-allowed"),
    ],
)
async def test_only_the_person_themselves_strongly_signed_in_gets_one(
    registry: Registry, changed: dict[str, str | None], code: str
) -> None:
    """The catalogue's entry: a token of the person at l2-a2, of a portal that it names, with the scope to release."""
    token = registry.issuer.token(
        **{"pid": HUNG, "sub": "pairwise-104", "acr": "urn:example:vn:acr:l2-a2"} | changed
    )
    answer = await registry.post("/v1/confirmations", ORDER, token)
    assert answer.json()["code"] == code


async def test_a_paper_that_holds_says_what_its_qr_code_says(registry: Registry) -> None:
    """The public check tells name and home as printed, typed in any spelling of the code; no number, no member."""
    paper = await confirmed(registry)
    code = claims_of(paper["confirmation"])["code"]
    answer = (await check(registry, code.lower().replace("-", " "), HUNG[-4:])).json()
    assert set(answer) == {"state", "form", "issued_at", "valid_until", "name", "home"}
    assert (answer["state"], answer["name"]) == ("valid", "Lê Quang Hùng")


@pytest.mark.attack
async def test_a_wrong_ending_and_an_unknown_code_are_one_answer(registry: Registry) -> None:
    """Attack 50: byte for byte the same, so a code alone tells nothing about its paper."""
    code = claims_of((await confirmed(registry))["confirmation"])["code"]
    wrong = await check(registry, code, "0000")
    unknown = await check(registry, "0000-0000-0000-0000", HUNG[-4:])
    broken = await check(registry, "U", HUNG[-4:])
    assert wrong.content == unknown.content == broken.content == b'{"state":"unknown"}'


@pytest.mark.attack
async def test_endings_cannot_be_tried_out(registry: Registry) -> None:
    """Attack 50: after twenty wrong endings of one paper in a day, the right one is answered like a wrong one."""
    paper = await confirmed(registry)
    code = claims_of(paper["confirmation"])["code"]
    for ending in range(20):
        await check(registry, code, f"{9000 + ending}")
    assert await state_of(registry, paper) == "unknown"
    registry.clock.advance(days=1)
    assert await state_of(registry, paper) == "valid"


async def test_one_address_checks_sixty_times_an_hour(registry: Registry) -> None:
    """More is 429 with Retry-After, before anything is looked up; the next hour begins anew."""
    for _ in range(60):
        assert (await check(registry, "0000-0000-0000-0000", "0000")).status_code == 200
    refused = await check(registry, "0000-0000-0000-0000", "0000")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    registry.clock.advance(hours=1)
    assert (await check(registry, "0000-0000-0000-0000", "0000")).status_code == 200


PERSON = "UPDATE person SET {0} WHERE personal_number = '{1}'"
WHOSE = "WHERE person_id = (SELECT person_id FROM person WHERE personal_number = '{0}')"


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        pytest.param(
            PERSON.format("given_name = 'Hưng'", HUNG), PERSON.format("given_name = 'Hùng'", HUNG), id="name"
        ),
        pytest.param(
            "UPDATE residence SET address = 'mới ' || address " + WHOSE.format(HUNG),
            "UPDATE residence SET address = substr(address, 5) " + WHOSE.format(HUNG),
            id="address",
        ),
        pytest.param(
            "UPDATE membership SET until = '2026-11-20' " + WHOSE.format("099305000144"),
            "UPDATE membership SET until = NULL " + WHOSE.format("099305000144"),
            id="member-left",
        ),
        pytest.param(
            PERSON.format("status = 'deceased', status_since = '2026-11-20'", "099155000142"),
            PERSON.format("status = 'active', status_since = NULL", "099155000142"),
            id="member-died",
        ),
        pytest.param(
            PERSON.format("status = 'deceased', status_since = '2026-11-20'", HUNG),
            PERSON.format("status = 'active', status_since = NULL", HUNG),
            id="holder-died",
        ),
    ],
)
async def test_a_paper_is_void_at_once_when_a_listed_datum_changes(
    registry: Registry, own_database: str, change: str, undo: str
) -> None:
    """Circular 66/2023: void from the change on, without saying what changed."""
    paper = await confirmed(registry)
    assert await state_of(registry, paper) == "valid"
    async with _connected(own_database) as connection:
        await connection.execute(change)
        try:
            code = claims_of(paper["confirmation"])["code"]
            answer = (await check(registry, code, HUNG[-4:])).json()
        finally:
            await connection.execute(undo)
    assert answer["state"] == "revoked_by_change"
    assert set(answer) == {"state", "form", "issued_at", "valid_until"}


async def test_a_change_elsewhere_voids_nothing(registry: Registry, own_database: str) -> None:
    """What the paper does not list does not count: here the social-insurance number."""
    paper = await confirmed(registry)
    async with _connected(own_database) as connection:
        await connection.execute(
            "UPDATE person SET social_insurance = '9900009999' WHERE personal_number = $1", HUNG
        )
    assert await state_of(registry, paper) == "valid"


async def test_a_paper_ends_after_a_year(registry: Registry) -> None:
    """Valid to the last second, expired at the next."""
    paper = await confirmed(registry)
    registry.clock.advance(days=365, seconds=-1)
    assert await state_of(registry, paper) == "valid"
    registry.clock.advance(1)
    assert await state_of(registry, paper) == "expired"


async def test_a_paper_is_withdrawn_like_any_receipt(registry: Registry, own_database: str) -> None:
    """The status list that every receipt has serves papers too: the command withdraws, the check says so."""
    paper = await confirmed(registry)
    await withdraw(
        own_database,
        UUID(paper["confirmation_id"]),
        Reason.ISSUED_IN_ERROR,
        "CA-00004-017",
        registry.clock(),
    )
    assert await state_of(registry, paper) == "withdrawn"
    assert claims_of(paper["confirmation"])["status"]["status_list"]["uri"].startswith(REGISTRY)


async def test_who_has_no_place_gets_no_paper(registry: Registry, own_database: str) -> None:
    """Missing data must be corrected first: 409 in both languages, and nothing is kept."""
    async with _connected(own_database) as connection:
        number = await connection.fetchval(
            "SELECT personal_number FROM person p WHERE status = 'active' AND NOT EXISTS "
            "(SELECT 1 FROM residence r WHERE r.person_id = p.person_id) LIMIT 1"
        )
        before = await connection.fetchval("SELECT count(*) FROM confirmation")
        answer = await registry.post("/v1/confirmations", ORDER, registry.issuer.personal(number))
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-confirm")
        assert await connection.fetchval("SELECT count(*) FROM confirmation") == before

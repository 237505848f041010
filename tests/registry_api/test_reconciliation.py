"""A file of the insurer against the registry: records that share a number, lists for each unit, a signed count."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jose import jwt

from population_registry.storage.connections import connect
from tests.registry_api.batches import COLUMNS, insurer, look, make, order, run, send, work
from tests.registry_api.conftest import HAN, LAN, LOC, NOBODY, PHUC, SEN

pytestmark = pytest.mark.engine

INSURED = COLUMNS | {"social_insurance_number": "bhxh", "unit": "dv"}
HEADER = "stt,so,ten,ns,bhxh,dv\n"
LAN_BHXH, PHUC_BHXH, FREE = "9900000101", "9900000102", "9912345678"


@pytest.fixture
async def keys(key_rings, persona_database):
    """The key folder; no batch of another test is left."""
    connection = await connect(persona_database)
    await connection.execute(
        "DELETE FROM batch_job; DELETE FROM batch_row; DELETE FROM batch_result; DELETE FROM guessing_budget"
    )
    await connection.close()
    return key_rings[0]


def _file(*rows):
    """Lines of (person, social-insurance number, unit)."""
    lines = [
        f"{i},{p['number']},{p['name']},{p['birth_date']},{bhxh},{unit}"
        for i, (p, bhxh, unit) in enumerate(rows, 1)
    ]
    return (HEADER + "\n".join(lines) + "\n").encode()


async def _statuses(registry, path):
    answer = await registry.get(f"{path}/results.ndjson", insurer(registry))
    assert answer.status_code == 200, answer.text
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    return [line.get("status") or line["error"]["code"] for line in lines], lines


async def test_every_outcome_of_a_reconciliation(registry, keys):
    """insurance.md section 6: verified, differences, unknown and dead people, and both kinds of duplicates."""
    rows = [
        (LAN, LAN_BHXH, "A"),
        (PHUC | {"name": "Trần Văn Phú"}, PHUC_BHXH, "A"),
        (SEN | {"birth_date": "1953"}, "", "B"),
        (LOC, "", "B"),
        (NOBODY, FREE, "B"),
        (HAN, "9911111111", "A"),
        (HAN, "9922222222", "B"),
    ]
    path, job = await run(registry, keys, _file(*rows), columns=INSURED)
    assert job["state"] == "finished", job
    statuses, lines = await _statuses(registry, path)
    assert statuses == [
        "verified",
        "name_diff",
        "dob_diff",
        "deceased",
        "pin_not_found",
        "duplicate_pin",
        "duplicate_pin",
    ]
    assert lines[0]["results"]["social_insurance_number"] == {"flag": "match", "reasons": []}
    assert "social_insurance_number" not in lines[2]["results"]


@pytest.mark.parametrize(
    "rows",
    [
        [(LAN, FREE, "A")],
        [(LAN, LAN_BHXH, "A"), (PHUC, LAN_BHXH, "A")],
        [(HAN, LAN_BHXH, "A")],
    ],
    ids=["the registry knows another", "one number on two people", "the number is somebody else's"],
)
async def test_two_social_insurance_numbers_or_two_people(registry, keys, rows):
    """`duplicate_bhxh`: whatever side shows it, in the file or in the registry, no such row is called verified."""
    path, _ = await run(registry, keys, _file(*rows), columns=INSURED)
    statuses, _ = await _statuses(registry, path)
    assert set(statuses) == {"duplicate_bhxh"}


async def test_an_old_number_does_not_hide_a_second_record(registry, keys):
    """Two records of one person, one with the nine-digit number, are a duplicate although no text is equal."""
    old = PHUC | {"number": "099000102"}
    path, _ = await run(registry, keys, _file((PHUC, PHUC_BHXH, "A"), (old, FREE, "A")), columns=INSURED)
    statuses, _ = await _statuses(registry, path)
    assert statuses == ["duplicate_bhxh", "duplicate_bhxh"]


async def test_the_same_line_twice_is_still_an_error(registry, keys):
    """A copy of a line is no second record: it is refused, and the first is answered."""
    path, _ = await run(registry, keys, _file((LAN, LAN_BHXH, "A"), (LAN, LAN_BHXH, "A")), columns=INSURED)
    statuses, _ = await _statuses(registry, path)
    assert statuses == ["verified", "number-twice"]


@pytest.mark.attack
async def test_many_records_of_one_number_are_no_list_of_guesses(registry, keys):
    """Attack 50: other social-insurance numbers do not buy more guesses at one person's name than a day allows."""
    tries = [
        (LAN | {"name": name}, f"99{n:08d}", "A") for n, name in enumerate(["Lê A", "Lê B", "Lê C", "Lê D"])
    ]
    path, job = await run(registry, keys, _file(*tries), columns=INSURED)
    statuses, _ = await _statuses(registry, path)
    assert statuses == ["duplicate_pin"] * 3 + ["budget-exhausted"]
    assert job["rows"]["refused"] == 1


async def test_units_get_their_lists(registry, keys):
    """Each unit has its count and the list of what it must correct; the signed summary counts by status."""
    rows = [
        (LAN, LAN_BHXH, "A"),
        (PHUC, PHUC_BHXH, "B"),
        (NOBODY, FREE, "B"),
        (SEN | {"number": "1"}, "", ""),
    ]
    path, job = await run(registry, keys, _file(*rows), columns=INSURED)
    units = (await registry.get(f"{path}/units", insurer(registry))).json()
    assert units == {
        "units": [
            {"unit": "", "rows": 1, "to_correct": 1, "statuses": {"refused": 1}},
            {"unit": "A", "rows": 1, "to_correct": 0, "statuses": {"verified": 1}},
            {"unit": "B", "rows": 2, "to_correct": 1, "statuses": {"pin_not_found": 1, "verified": 1}},
        ],
        "next": None,
    }
    listed = await registry.get(f"{path}/corrections.ndjson?unit=B", insurer(registry))
    assert [orjson.loads(line)["line"] for line in listed.content.splitlines()] == [4]
    everything = await registry.get(f"{path}/corrections.csv", insurer(registry))
    assert len(everything.content.decode("utf-8-sig").splitlines()) == 1 + 2
    claims = jwt.get_unverified_claims(job["receipt"])
    assert claims["statuses"] == {"pin_not_found": 1, "verified": 2}
    assert "social_insurance_number" in claims["claims"]
    assert "unit" not in claims["claims"]


async def test_units_are_the_clients_own(registry, keys):
    """Another client, or another kind of batch, has no units to look at."""
    path, _ = await run(registry, keys, _file((LAN, LAN_BHXH, "A")), columns=INSURED)
    stranger = registry.issuer.token(client_id="residence-portal")
    for name in ("units", "corrections.csv"):
        assert (await registry.get(f"{path}/{name}", stranger)).status_code == 404
    unfinished = await make(registry, columns=INSURED)
    assert (await registry.get(f"{unfinished}/units", insurer(registry))).status_code == 409


@pytest.mark.parametrize("value", ["123", "99000001O1", "99 0000101"])
async def test_a_malformed_social_insurance_number_is_named(registry, keys, value):
    """Ten digits or nothing; the row error names the column."""
    path, job = await run(registry, keys, _file((LAN, value, "A")), columns=INSURED)
    assert [(e["code"], e["column"]) for e in job["row_errors"]] == [("value-malformed", "bhxh")]
    assert path


async def test_only_a_reconciliation_has_records(registry, keys):
    """A plain verification has no units and no social-insurance numbers of an insurer."""
    body = order(kind="verify", columns=INSURED)
    answer = await registry.post("/v1/batches", body, insurer(registry))
    assert answer.status_code == 400, answer.text


PEOPLE = [LAN, PHUC, SEN, HAN]
RECORDS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["", FREE, "9933333333", LAN_BHXH])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS)
async def test_duplicates_are_exact_whatever_the_pieces(registry, keys, monkeypatch, records):
    """Pieces of two rows, shared by two workers, say what a look at the whole file says."""
    monkeypatch.setattr("population_registry.batch.intake.ROWS_OF_A_CHUNK", 2)
    connection = await connect(registry.database_url)
    await connection.execute("DELETE FROM guessing_budget")
    known = await connection.fetch("SELECT personal_number, social_insurance FROM person")
    await connection.close()
    recorded = {row[0]: row[1] for row in known if row[1] is not None}
    path = await make(registry, columns=INSURED)
    await send(registry, path, _file(*((p, bhxh, "A") for p, bhxh in records)))
    await asyncio.gather(work(registry, keys, batch_asks=100), work(registry, keys, batch_asks=100))
    assert (await look(registry, path))["state"] == "finished"
    statuses, _ = await _statuses(registry, path)
    seen = set()
    kept = []
    for person, bhxh in records:
        kept.append((person["number"], bhxh) not in seen)
        seen.add((person["number"], bhxh))
    for (person, bhxh), status, first in zip(records, statuses, kept, strict=True):
        others = {b for p, b in seen if p == person["number"]} - {bhxh}
        if not first:
            assert status == "number-twice"
        elif others:
            assert status == "duplicate_pin"
        else:
            own = recorded.get(person["number"])
            owners = {p for p, b in seen | set(recorded.items()) if b == bhxh and b}
            clash = len(owners) > 1 or bool(bhxh and own and own != bhxh)
            assert status == ("duplicate_bhxh" if clash else "verified")

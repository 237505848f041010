"""Batches through HTTP and a worker: rows in, graded answers out, a signed summary, a row in the log for each."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata

import orjson
import pyarrow.parquet
import pytest
from jose import jwt

from population_registry.storage.connections import connect
from tests.registry_api.batches import (
    COLUMNS,
    HEADER,
    insurer,
    look,
    make,
    order,
    run,
    send,
    work,
)
from tests.registry_api.conftest import LAN, LOC, NOBODY, PHUC, REGISTRY, SEN

pytestmark = pytest.mark.engine


@pytest.fixture
async def keys(key_rings, persona_database):
    """The key folder; no batch of another test is left."""
    connection = await connect(persona_database)
    await connection.execute(
        "DELETE FROM batch_job; DELETE FROM batch_row; DELETE FROM batch_result; DELETE FROM guessing_budget"
    )
    await connection.close()
    return key_rings[0]


def _csv(*people, header=HEADER):
    rows = [f"{i},{p['number']},{p['name']},{p['birth_date']}" for i, p in enumerate(people, 1)]
    return (header + "\n".join(rows) + "\n").encode()


async def _results(registry, path, layout="ndjson"):
    answer = await registry.get(f"{path}/results.{layout}", insurer(registry))
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_file_is_reconciled_row_by_row(registry, keys):
    """Exact, differently written, wrong, dead and unknown rows get the status that the one rule gives them."""
    people = [
        LAN,
        PHUC | {"name": "TRẦN  VĂN PHÚC"},
        SEN | {"birth_date": "1953"},
        LOC,
        NOBODY,
    ]
    path, job = await run(registry, keys, _csv(*people))
    assert job["state"] == "finished"
    assert job["rows"] == {
        "total": 5,
        "done": 5,
        "established": 3,
        "not_established": 1,
        "no_such_person": 1,
        "refused": 0,
    }
    lines = [orjson.loads(line) for line in (await _results(registry, path)).content.splitlines()]
    assert [line["status"] for line in lines] == [
        "verified",
        "verified",
        "dob_diff",
        "deceased",
        "pin_not_found",
    ]
    assert [line["ref"] for line in lines] == ["1", "2", "3", "4", "5"]
    assert lines[0]["results"] == {
        "name": {"flag": "match", "reasons": []},
        "birth_date": {"flag": "match", "reasons": []},
    }
    assert lines[1]["results"]["name"] == {"flag": "match", "reasons": ["spacing", "letter_case"]}


async def test_rows_answer_as_single_questions_do(registry, keys):
    """The batch and POST /v1/verifications say the same of the same person: one rule, two doors."""
    people = [LAN, PHUC | {"name": "Tran Van Phuc"}, SEN | {"name": "Thạch Thị Sén"}, NOBODY, LOC]
    token = registry.issuer.token(client_id="residence-portal")
    body = order(kind="verify", procedure_code="1.004194", dossier_code="G01.899.05-261121-010042")
    made = await registry.post("/v1/batches", body, token)
    path = made.headers["location"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (
        await registry.http.put(f"{path}/content", content=_csv(*people), headers=bearer)
    ).status_code == 204
    await work(registry, keys)
    said = [
        orjson.loads(line)
        for line in (await registry.get(f"{path}/results.ndjson", token)).content.splitlines()
    ]
    for person, line in zip(people, said, strict=True):
        single = (await registry.verify(person)).json()
        assert (line["identity"], line["results"]) == (single["identity"], single["results"])


async def test_the_summary_is_signed_and_names_the_files(registry, keys):
    """Counts, purpose and the SHA-256 of source and of both result files are in a receipt that anybody can check."""
    content = _csv(LAN, PHUC)
    path, job = await run(registry, keys, content, sha256=hashlib.sha256(content).hexdigest())
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    claims = jwt.decode(
        job["receipt"], jwks, algorithms=["ES256"], audience="insurance-portal", issuer=REGISTRY
    )
    assert jwt.get_unverified_header(job["receipt"])["typ"] == "batch-receipt+jwt"
    assert claims["counts"] == {"established": 2, "not_established": 0, "no_such_person": 0, "refused": 0}
    assert claims["source_sha256"] == hashlib.sha256(content).hexdigest()
    for layout in ("ndjson", "csv"):
        file = (await _results(registry, path, layout)).content
        assert hashlib.sha256(file).hexdigest() == claims["result_sha256"][layout]
    parquet = await _results(registry, path, "parquet")
    assert parquet.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(parquet.content))
    assert [(row["line"], row["identity"], row["name"]) for row in table.to_pylist()] == [
        (2, "established", "match"),
        (3, "established", "match"),
    ]
    assert LAN["number"] not in orjson.dumps(claims).decode()


async def test_every_person_found_can_read_who_looked(registry, keys):
    """One access-log row for each person found, also where name or date were wrong; none for a number of nobody."""
    path, _ = await run(registry, keys, _csv(LAN, PHUC | {"name": "Lê Văn Sai"}, NOBODY))
    connection = await connect(registry.database_url)
    rows = await connection.fetch(
        "SELECT p.personal_number, l.outcome, l.purpose, l.fields FROM access_log l JOIN person p "
        "ON p.person_id = l.subject_id WHERE l.correlation_id = $1 ORDER BY 1",
        path.rpartition("/")[2],
    )
    await connection.close()
    assert [(row[0], row[1]) for row in rows] == [
        (PHUC["number"], "not_established"),
        (LAN["number"], "established"),
    ]
    assert orjson.loads(rows[0][3]) == {"name": "verified", "birth_date": "verified"}


async def test_broken_rows_are_named_and_the_others_are_answered(registry, keys):
    """Each malformed line has its code, its column and a sentence in both languages; nothing else is touched."""
    lines = [
        f"1,{LAN['number']},{LAN['name']},{LAN['birth_date']}",
        f"2,{LAN['number']},{LAN['name']},{LAN['birth_date']}",
        "3,99068000102,Trần Văn Phúc,1968-02-09",
        "4,12ab,Trần Văn Phúc,1968-02-09",
        f"5,{PHUC['number']},,1968-02-09",
        f"6,{PHUC['number']},Trần Văn Phúc,1968-02-31",
        f'7,{PHUC["number"]},"Trần Văn Phúc,1968-02-09',
        f"8,{PHUC['number']},Trần Văn Phúc",
        "",
        f"9,{PHUC['number']},Trần Văn {'x' * 20_000},1968-02-09",
        f"10,{PHUC['number']},Trần\x00Văn Phúc,1968-02-09",
    ]
    content = (
        (HEADER + "\r\n".join(lines)).encode() + b"\r\n11," + PHUC["number"].encode() + b",Tr\xff,1968-02-09"
    )
    path, job = await run(registry, keys, content)
    assert job["rows"]["established"] == 1
    assert [(fault["line"], fault["code"], fault["column"]) for fault in job["row_errors"]] == [
        (3, "number-twice", "so"),
        (4, "number-zero-lost", "so"),
        (5, "number-malformed", "so"),
        (6, "value-missing", "ten"),
        (7, "value-malformed", "ns"),
        (8, "not-csv", None),
        (9, "not-csv", None),
        (11, "line-too-long", None),
        (12, "value-malformed", "ten"),
        (13, "undecodable", None),
    ]
    assert all(fault["message"]["vi"] and fault["message"]["en"] for fault in job["row_errors"])
    rows = list(
        csv.DictReader(io.StringIO((await _results(registry, path, "csv")).content.decode("utf-8-sig")))
    )
    assert [row["error"] for row in rows] == ["", *(fault["code"] for fault in job["row_errors"])]


@pytest.mark.parametrize(
    ("content", "changed", "code"),
    [
        (b"", {}, "empty"),
        (b"\xef\xbb\xbf", {}, "empty"),
        (b"PK\x03\x04\x14\x00\x06\x00 xl/workbook.xml", {}, "header-unreadable"),
        (b"stt,so,ten\n1,2,3\n", {}, "column-missing"),
        (b"stt,so,ten,ns,so\n1,2,3,4,5\n", {}, "column-twice"),
        (HEADER.encode(), {}, "empty"),
        (HEADER.encode() + b"1,099194000101,x,1990\n", {"sha256": "0" * 64}, "digest-mismatch"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(registry, keys, content, changed, code):
    """Nothing of it is applied: no row, no log, no guess spent; the job says why in both languages."""
    _, job = await run(registry, keys, content, **changed)
    assert (job["state"], job["problem"]["code"]) == ("refused", code)
    assert job["problem"]["message"]["vi"]
    connection = await connect(registry.database_url)
    assert await connection.fetchval("SELECT count(*) FROM batch_row") == 0
    assert await connection.fetchval("SELECT count(*) FROM guessing_budget") == 0
    await connection.close()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
async def test_encodings_of_spreadsheets_are_read(registry, keys, encoding):
    """UTF-8 and UTF-16, with and without mark, CRLF and decomposed letters: the same person is found."""
    text = _csv(LAN).decode().replace("\n", "\r\n")
    _, job = await run(registry, keys, unicodedata.normalize("NFD", text).encode(encoding))
    assert job["rows"]["established"] == 1


async def test_an_upload_goes_on_where_it_broke(registry, keys):
    """Pieces follow each other by offset; a piece out of place is refused with the offset that is expected."""
    content = _csv(LAN, PHUC)
    path = await make(registry, length=len(content))
    first = await send(registry, path, content[:20], Upload_Complete="?0")
    assert (first.status_code, first.headers["upload-offset"]) == (204, "20")
    wrong = await send(registry, path, content[:20], Upload_Complete="?0")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["expected"]) == (409, "upload-offset", 20)
    bearer = {"Authorization": f"Bearer {insurer(registry)}"}
    asked = await registry.http.head(f"{path}/content", headers=bearer)
    assert (asked.headers["upload-offset"], asked.headers["upload-complete"]) == ("20", "?0")
    short = await send(registry, path, content[20:30], Upload_Offset="20")
    assert (short.status_code, short.json()["code"]) == (422, "upload-length")
    last = await send(registry, path, content[30:], Upload_Offset="30")
    assert (last.status_code, last.headers["upload-complete"]) == (204, "?1")
    again = await send(registry, path, b"x", Upload_Offset=str(len(content)))
    assert (again.status_code, again.json()["code"]) == (409, "batch-state")
    await work(registry, keys)
    assert (await look(registry, path))["rows"]["established"] == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Upload_Offset": "-1"}, 400), ({"Upload_Complete": "yes"}, 400), ({"Content_Encoding": "gzip"}, 415)],
)
async def test_headers_that_lie_are_refused(registry, keys, headers, status):
    """An upload with headers that cannot be read keeps nothing."""
    path = await make(registry)
    assert (await send(registry, path, b"stt", **headers)).status_code == status
    assert (await look(registry, path))["bytes"]["received"] == 0


async def test_more_than_was_declared_is_refused(registry, keys):
    """A file longer than its declared length ends with 413."""
    path = await make(registry, length=10)
    assert (await send(registry, path, b"x" * 11)).status_code == 413


@pytest.mark.attack
async def test_a_batch_is_no_list_of_guesses(registry, keys):
    """Attack 50: a number is asked once in a batch and three times a day, so dates of birth cannot be tried out."""
    guesses = [PHUC | {"birth_date": f"1968-02-{day:02d}"} for day in range(1, 29)]
    _, job = await run(registry, keys, _csv(*guesses))
    assert job["rows"]["refused"] == 27
    for day in (2, 3):
        await run(registry, keys, _csv(PHUC | {"birth_date": f"1968-02-{day:02d}"}))
    _, job = await run(registry, keys, _csv(PHUC))
    assert [fault["code"] for fault in job["row_errors"]] == ["budget-exhausted"]


@pytest.mark.attack
async def test_one_name_is_not_tried_with_many_numbers(registry, keys):
    """Attack 50: one name and birth date with 21 numbers, case changed or not, is refused for all."""
    people = [LAN | {"number": f"0991940{n:05d}"} for n in range(11)]
    people += [LAN | {"number": f"0991941{n:05d}", "name": LAN["name"].upper()} for n in range(10)]
    _, job = await run(registry, keys, _csv(*people))
    assert {fault["code"] for fault in job["row_errors"]} == {"too-many-numbers"}
    assert job["rows"]["refused"] == 21


@pytest.mark.attack
async def test_a_file_that_mostly_misses_is_stopped(registry, keys):
    """Attack 50: a file of invented people is stopped, answers nothing and is erased."""
    rows = "".join(
        f"{n},{99_190_000_000 + n:012d},Nguyễn Văn {chr(65 + n % 26)},19{n % 90 + 10}\n" for n in range(1200)
    )
    path, job = await run(registry, keys, (HEADER + rows).encode())
    assert (job["state"], job["problem"]["code"]) == ("stopped", "too-many-misses")
    answer = await registry.get(f"{path}/results.ndjson", insurer(registry))
    assert answer.status_code == 410


@pytest.mark.parametrize(
    ("changed", "token", "status", "code"),
    [
        ({}, {"client_id": "residence-portal"}, 403, "procedure-not-allowed"),
        (
            {"procedure_code": "bhyt.household", "dossier_code": "G01.899.05-261121-010042"},
            {},
            403,
            "batch-not-allowed",
        ),
        ({"columns": COLUMNS | {"adult": "x"}}, {}, 403, "claim-not-allowed"),
        ({"columns": COLUMNS | {"card": "x"}}, {}, 400, "invalid-request"),
        ({"columns": {"number": "so"}}, {}, 400, "invalid-request"),
        ({"columns": COLUMNS | {"sex": "so"}}, {}, 400, "invalid-request"),
        ({"format": "xlsx"}, {}, 400, "invalid-request"),
        ({}, {"scope": "registry:release"}, 403, "insufficient-scope"),
        ({}, {"pid": LAN["number"], "acr": "urn:example:vn:acr:l2-a2"}, 403, "batch-not-allowed"),
    ],
)
async def test_orders_outside_the_catalogue_are_refused(registry, keys, changed, token, status, code):
    """Client, procedure, columns, scope and the person's own token are judged before anything is made."""
    answer = await registry.post(
        "/v1/batches",
        order(**changed),
        insurer(registry)
        if not token
        else registry.issuer.token(**{"client_id": "insurance-portal"} | token),
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_batch_is_its_clients_own(registry, keys):
    """Another client meets neither the job nor its results, not even their existence."""
    path, _ = await run(registry, keys, _csv(LAN))
    other = registry.issuer.token(client_id="residence-portal")
    for place in (path, f"{path}/results.csv"):
        assert (await registry.get(place, other)).status_code == 404
    assert (await registry.post(f"{path}/cancellation", {}, other)).status_code == 404


async def test_a_cancelled_batch_answers_nothing_and_is_erased(registry, keys):
    """After a cancellation no row is judged or logged; the rows go, the job stays."""
    path = await make(registry)
    await send(registry, path, _csv(LAN))
    assert (await registry.post(f"{path}/cancellation", {}, insurer(registry))).json()["state"] == "cancelled"
    await work(registry, keys)
    job = await look(registry, path)
    assert (job["state"], job["rows"]["done"]) == ("cancelled", 0)
    assert job["erased_at"]
    connection = await connect(registry.database_url)
    assert await connection.fetchval("SELECT count(*) FROM batch_part") == 0
    assert (
        await connection.fetchval("SELECT count(*) FROM access_log WHERE correlation_id = $1", path[-36:])
        == 0
    )
    await connection.close()


async def test_rows_are_erased_and_the_summary_stays(registry, keys):
    """After the retention time rows and answers are gone, results are 410, counts and receipt remain."""
    path, before = await run(registry, keys, _csv(LAN))
    registry.clock.advance(hours=73)
    assert (await registry.get(f"{path}/results.csv", insurer(registry))).status_code == 410
    await work(registry, keys)
    after = await look(registry, path)
    assert after["erased_at"]
    assert (after["receipt"], after["rows"]) == (before["receipt"], before["rows"])
    connection = await connect(registry.database_url)
    assert await connection.fetchval("SELECT count(*) FROM batch_row") == 0
    assert await connection.fetchval("SELECT count(*) FROM batch_result") == 0
    await connection.close()


async def test_json_lines_with_further_claims(registry, keys):
    """NDJSON with sex and old number: typed values, refused lines by their own fault, a member twice refused."""
    columns = {"number": "n", "name": "t", "birth_date": "d", "sex": "s", "alive": "a"}
    person = f'"n": "{LAN["number"]}", "t": "{LAN["name"]}", "d": "{LAN["birth_date"]}"'
    lines = [
        f'{{{person}, "s": "Nam", "a": true}}',
        "[]",
        f'{{{person}, "n": "{PHUC["number"]}"}}',
        '{"n": 99, "t": "x", "d": "1990"}',
        f'{{"n": "{PHUC["number"]}", "t": "{PHUC["name"]}", "d": "1968", "s": "?"}}',
    ]
    path, job = await run(registry, keys, "\n".join(lines).encode(), format="ndjson", columns=columns)
    assert [(fault["line"], fault["code"]) for fault in job["row_errors"]] == [
        (2, "not-json"),
        (3, "not-json"),
        (4, "value-malformed"),
        (5, "value-malformed"),
    ]
    first = orjson.loads((await _results(registry, path)).content.splitlines()[0])
    assert first["status"] == "sex_diff"
    assert first["results"]["alive"]["flag"] == "match"

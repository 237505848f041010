"""Right answers have the shape that the OpenAPI document promises; hostile bodies are refused everywhere."""

from __future__ import annotations

import codecs
import socket
import unicodedata
from typing import Any

import httpx2
import orjson
import pytest
import uvicorn
from schemathesis.openapi import from_dict

from population_registry.app import create_app
from population_registry.settings import RegistrySettings
from tests.https_service import running
from tests.registry_api.batches import order
from tests.registry_api.conftest import ISSUER, LAN, PHUC, REGISTRY, Issuer, question

pytestmark = pytest.mark.engine
WHY = {"purpose": "Đối chiếu dữ liệu cũ", "dossier_code": "G01.899.05-261121-050001"}
FAMILY = {"subject": PHUC, "procedure_code": "lookup.family"}
RECORD = {
    "social_insurance_number": "9900000101", "number": LAN["number"], "name": LAN["name"], "birth_date": "1994-05-17",
}  # a table, read by rows  # fmt: skip
RIGHT: dict[str, Any] = {
    "/v1/verifications": question(
        LAN, {"alive": True, "permanent_address": "Bản Mẫu 2, Xã Thông Thụ, Nghệ An"}
    ),
    "/v1/numbers/checks": WHY
    | {"subject": PHUC, "procedure_code": "lookup.number", "current_number": PHUC["number"]},
    "/v1/households/checks": WHY | FAMILY | {"members": ["099170000103"]},
    "/v1/kinship/checks": WHY | FAMILY | {"relation": "spouse", "other": {"number": "099170000103"}},
    "/v1/residences/histories": WHY | {"subject": PHUC, "procedure_code": "residence.history"},
    "/v1/social-insurance/matches": {
        "purpose": "Đối soát",
        "procedure_code": "bhxh.reconcile",
        "record": RECORD,
    },
    "/v1/references/addresses": {"text": "Phường Trúc Bạch, Quận Ba Đình, Hà Nội"},
    "/v1/batches": order(),
}
CLIENT = {"/v1/residences/histories": "residence-portal", "/v1/verifications": "residence-portal"}


@pytest.mark.parametrize("path", RIGHT)
async def test_right_answers_are_as_documented(registry, path):
    """What a right question gets is checked against its documented schema, status and content type."""
    token = registry.issuer.token(client_id=CLIENT.get(path, "insurance-portal"))
    answer = await registry.post(path, RIGHT[path], token)
    assert answer.status_code in {200, 201}, answer.text
    schema = from_dict(registry.app.openapi())
    schema[path]["POST"].validate_response(answer)


def paths_with_bodies(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Every operation that takes JSON, with an address to send it to."""
    return [
        (method.upper(), path.replace("{code}", "1.004194").replace("{batch_id}", "x"))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


TEXT = '{"purpose": "Thẩm định hồ sơ", "procedure_code": "1.004194"}'
HOSTILE = {
    "BOM": (codecs.BOM_UTF8 + TEXT.encode(), {}),
    "UTF-16": (TEXT.encode("utf-16"), {}),
    "UTF-16 declared": (TEXT.encode("utf-16-le"), {"Content-Type": "application/json; charset=utf-16"}),
    "UTF-32": (TEXT.encode("utf-32-be"), {}),
    "Latin-1": ('{"purpose": "é"}'.encode("latin-1"), {}),
    "half a pair": (b'{"purpose": "\\ud800 nothing"}', {}),
    "a member twice": (b'{"purpose": "a", "purpose": "b"}', {}),
    "not a number": (b'{"purpose": NaN}', {}),
    "deep": (b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}", {}),
    "long line": (b'{"purpose": "' + b"x" * 900_000 + b'"}', {}),
    "long list": (b'{"members": [' + b'"0",' * 200_000 + b'"0"]}', {}),
    "long number": (b'{"purpose": ' + b"9" * 10_000 + b"}", {}),
    "NUL": (b'{"purpose": "a\\u0000b", "procedure_code": "\\u0000"}', {}),
    "empty": (b"", {}),
    "cut off": (TEXT.encode()[:-9], {}),
    "a list": (b"[]", {}),
    "form": (b"purpose=x", {"Content-Type": "application/x-www-form-urlencoded"}),
    "no type": (TEXT.encode(), {"Content-Type": ""}),
    "gzip": (TEXT.encode(), {"Content-Encoding": "gzip"}),
    "CRLF only": (b"\r\n\r\n", {}),
}


@pytest.mark.attack
@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_bodies_are_refused_everywhere(registry, name):
    """Attack 58: encodings, depth, length and doubled members: a bilingual problem at every endpoint, never 5xx."""
    body, headers = HOSTILE[name]
    bearer = {"Authorization": f"Bearer {registry.issuer.token(client_id='insurance-portal')}"}
    targets = paths_with_bodies(registry.app.openapi())
    assert ("POST", "/v1/verifications") in targets
    titles = set()
    for number, (method, path) in enumerate(targets):
        language = ("vi", "en")[number % 2]
        sent = {"Content-Type": "application/json", "Accept-Language": language} | bearer | headers
        answer = await registry.http.request(method, path, content=body, headers=sent)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.headers["content-language"] == language
        problem = orjson.loads(answer.content)
        assert problem["status"] == answer.status_code
        titles.add(problem["title"])
    assert len(titles) > 1


async def test_line_ends_and_decomposed_letters_are_read(registry):
    """CRLF between members and NFD inside names are ways of writing, not mistakes."""
    body = orjson.dumps(question(LAN), option=orjson.OPT_INDENT_2).replace(b"\n", b"\r\n")
    body = unicodedata.normalize("NFD", body.decode()).encode()
    headers = {"Authorization": f"Bearer {registry.issuer.token()}", "Content-Type": "application/json"}
    answer = await registry.http.post("/v1/verifications", content=body, headers=headers)
    assert answer.json()["results"]["name"] == {"flag": "match", "reasons": ["unicode_form"]}


@pytest.fixture
def registry_app(saturday, key_rings, persona_database):
    """The application alone, to be served by a real server."""
    folder, ring = key_rings
    values = {"public_url": REGISTRY, "database_url": persona_database, "issuer": ISSUER, "keys_dir": folder}
    transport = httpx2.ASGITransport(Issuer(ring, saturday).app)
    return create_app(RegistrySettings(**values, log_level="CRITICAL"), clock=saturday, transport=transport)


LIES = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}",
    "a negative length": b"Content-Length: -2\r\n\r\n{}",
    "a length of letters": b"Content-Length: two\r\n\r\n{}",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a chunk that lies": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a giant length": b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "more than fits": b"Content-Length: 9999999999\r\n\r\n{}",
}


@pytest.mark.attack
@pytest.mark.parametrize("name", LIES)
def test_lying_headers_are_never_our_fault(registry_app, name):
    """Attack 58: lengths that lie end in 4xx or a closed connection, never in 5xx, and the next request is served."""
    head = b"POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with running(uvicorn.Config(registry_app, access_log=False)) as port:
        for sent in (
            head + LIES[name],
            b"GET /v1/references/provinces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=300) as connection:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.makefile("rb").read(65_536)
            status = answer.split(b" ", 2)[1:2]
            assert not status or status[0][:1] in b"24", answer[:200]
    assert status == [b"200"]

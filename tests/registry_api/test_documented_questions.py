"""Every question of docs/verification.md that shows its answer is asked as printed, and answered as printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

pytestmark = pytest.mark.engine
DOCUMENT = Path(__file__).parents[2] / "docs" / "verification.md"
_BLOCK = re.compile(
    r"```sh\n# (?P<who>.*?)\n(?P<command>curl.*?)```\n\n```json\n(?P<answer>.*?)```", re.DOTALL
)
_CLIENT = re.compile(r"client ([a-z-]+)")
OFFICER = {"number": "099189000134", "name": "Nguyễn Thị Kim Oanh"}
DIFFERS = "…"


def questions() -> list[Any]:
    """Path, caller, body and answer of each block."""
    found = []
    for block in _BLOCK.finditer(DOCUMENT.read_text("utf-8")):
        address = re.search(r"curl -s http://localhost:8100(\S+)", block["command"])
        body = re.search(r"-d '(.*)'", block["command"], re.DOTALL)
        client = _CLIENT.search(block["who"])
        assert address is not None
        assert body is not None
        found.append(pytest.param(address[1], client and client[1], body[1], block["answer"], id=address[1]))
    return found


def fits(found: Any, printed: Any) -> bool:
    """Whether an answer is the printed one, where `…` stands for anything."""
    if printed == DIFFERS:
        return isinstance(found, str) and bool(found)
    if isinstance(printed, dict) and isinstance(found, dict):
        return found.keys() == printed.keys() and all(fits(found[name], printed[name]) for name in printed)
    return bool(found == printed)


@pytest.mark.parametrize(("path", "client", "body", "printed"), questions())
async def test_a_printed_question_gets_its_printed_answer(registry, path, client, body, printed):
    """The document's commands work as they stand, and each shows the whole answer."""
    headers = {"Content-Type": "application/json"}
    if client is not None:
        token = registry.issuer.token(client_id=client, scope="registry:verify")
        headers["Authorization"] = f"Bearer {token}"
        await registry.http.put(
            "/v1/health-insurance/officers", json={"officers": [OFFICER]}, headers=headers
        )
    answer = await registry.http.post(path, content=body.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert fits(answer.json(), orjson.loads(printed)), answer.text


def test_the_document_shows_the_main_questions():
    """Verification, numbers, kinship, insurance and addresses are there to copy."""
    paths = {question.values[0] for question in questions()}
    assert {"/v1/verifications", "/v1/numbers/checks", "/v1/kinship/checks"} <= paths
    assert {"/v1/health-insurance/eligibility", "/v1/references/addresses"} <= paths

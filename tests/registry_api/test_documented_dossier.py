"""The requests of docs/procedures.md, from filing to the result, sent as they are printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.registry_api.conftest import LAN, PHUC, Registry
from tests.registry_api.dossiers import citizen, officer

pytestmark = pytest.mark.engine
DOCUMENT = Path(__file__).parents[2] / "docs" / "procedures.md"
_BLOCK = re.compile(r"### From filing to the result, with curl.*?```bash\n(?P<block>.*?)```", re.DOTALL)
_REQUEST = re.compile(
    r'curl (?:-X (?P<method>[A-Z]+) )?"?\$REGISTRY(?P<path>[^\s"]+)"? -H "Authorization: Bearer \$(?P<who>[A-Z]+)"'
    r"(?:(?! curl ).)*?(?:-d '(?P<body>[^']*)'|(?=\s+#|\n))",
    re.DOTALL,
)
CLIENT = "national-portal"


def requests() -> list[re.Match[str]]:
    """The printed requests, in their order."""
    block = _BLOCK.search(DOCUMENT.read_text("utf-8"))
    assert block is not None
    return list(_REQUEST.finditer(block["block"].replace("\\\n", " ")))


async def test_the_printed_requests_lead_to_the_result(own_authority: Registry) -> None:
    """Each works as it stands: filed, agreed, received, recorded, paid, read, approved; state 9 at the end."""
    registry = own_authority
    tokens = {
        "CITIZEN": citizen(registry, LAN, client_id=CLIENT),
        "OWNER": citizen(registry, PHUC, client_id=CLIENT),
        "PORTAL": registry.issuer.token(scope="registry:dossiers", client_id=CLIENT),
        "CONSOLE": officer(registry),
    }
    code, said, printed = "", dict[str, Any](), requests()
    assert len(printed) == 7
    for each in printed:
        path = each["path"].replace("$CODE", code)
        token = tokens[each["who"]]
        if each["method"] is None:
            answer = await registry.get(path, token)
        else:
            answer = await registry.post(path, orjson.loads(each["body"]), token)
        assert answer.is_success, (each[0], answer.text)
        said = answer.json() if answer.content else said
        code = said.get("dossier_code", code)
    assert (said["state"], said["procedure_code"]) == (9, "1.004194")

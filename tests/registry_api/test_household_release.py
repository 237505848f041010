"""The household as a released field: form 4 of Decree 188/2025 pre-filled, and everybody in it may see that."""

from __future__ import annotations

from typing import Any

from tests.registry_api.conftest import HUNG_HOME, Registry

OWN: dict[str, Any] = {
    "purpose": "Tiếp nhận hồ sơ bảo hiểm y tế hộ gia đình",
    "procedure_code": "bhyt.household",
    "fields": ["name", "household"],
}


async def test_household_lists_its_members_with_their_relation(registry: Registry) -> None:
    """Number, name, birth date and relation to the head; the head first; nothing else about the others."""
    answer = await registry.post(
        "/v1/releases",
        OWN | {"dossier_code": "G34.899.01-261121-340001"},
        registry.issuer.personal(HUNG_HOME[0], client_id="insurance-portal"),
    )
    assert answer.status_code == 200, answer.text
    members = answer.json()["values"]["household"]
    assert {each["number"] for each in members} == set(HUNG_HOME)
    assert members[0]["number"] == HUNG_HOME[0]
    assert members[0]["relation"] == "head"
    assert {each["relation"] for each in members[1:]} == {"spouse_wife", "parent", "child"}
    assert all(set(each) == {"number", "name", "birth_date", "relation"} for each in members)


async def test_everybody_in_the_household_sees_the_release(registry: Registry) -> None:
    """Who looked at me: one row for each member, naming the household and nothing else (Law 91/2025 Art. 4)."""
    dossier = "G34.899.01-261121-340002"
    asked = await registry.post(
        "/v1/releases",
        OWN | {"dossier_code": dossier},
        registry.issuer.personal(HUNG_HOME[0], client_id="insurance-portal"),
    )
    assert asked.status_code == 200
    for number in HUNG_HOME:
        (row,) = await registry.log_of(number, dossier)
        own = number == HUNG_HOME[0]
        wanted = {"household": "released"} | ({"name": "released"} if own else {})
        assert row["fields"] == wanted
        assert row["outcome"] == "released"

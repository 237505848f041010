"""Births in Hùng's family, and what several tests do with their dossiers."""

from __future__ import annotations

from tests.registry_api.dossiers import act_of_centre as act
from tests.registry_api.dossiers import citizen, file, parts_of, rows

WIFE = {"number": "099182000141", "name": "?", "birth_date": "1982-04-04"}
HUNG = {"number": "099079000104", "name": "Lê Quang Hùng", "birth_date": "1979-08-23"}
LAN = {"number": "099194000101", "name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"}
PORTAL = "national-portal"
HUE = "19777"


async def name_the_mother(registry):
    """The name that the synthesis gave her stands in WIFE afterwards."""
    ((name,),) = await rows(
        registry,
        "SELECT concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name) FROM person "
        "WHERE personal_number = $1",
        WIFE["number"],
    )
    WIFE["name"] = name


def birth(**changed):
    """The inputs of a birth in Hùng's family."""
    inputs = {
        "child": {
            "family": "Lê",
            "middle": "Minh",
            "given": "An",
            "sex": "female",
            "born": "2026-11-19",
            "birth_place": "Bệnh viện Trung ương Huế (mô phỏng)",
            "hometown": "Huế",
        },
        "mother": {"number": WIFE["number"], "name": WIFE["name"]},
        "father": {"number": HUNG["number"], "name": HUNG["name"]},
        "birth_slip": {"number": "GCS-46-2026-000123", "signed": True},
        "commune": HUE,
        "live_with": "mother",
        "facility": "Trung tâm Y tế Hương Thủy (mô phỏng)",
    }
    return inputs | changed


async def file_birth(registry, person=HUNG, **changed):
    """A linked birth that was filed."""
    return await file(registry, person, "linked.birth", client=PORTAL, **birth(**changed))


async def whole(registry, dossier, person=HUNG):
    """The citizen's dossier as it is now."""
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    return (await registry.get(path, citizen(registry, person, client_id=PORTAL))).json()


async def register(registry, dossier):
    """The civil-status office receives and registers; answers the parts then."""
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    received = await act(registry, part, "receive")
    assert received.json()["state"] == 4, received.text
    approved = await act(registry, part, "approve")
    assert approved.json()["state"] == 9, approved.text
    return await parts_of(registry, dossier)

"""The wire, held still: a renamed member of the answer or the receipt is seen in review."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from population_registry.verification.receipts import answer_document, receipt_claims
from tests.registry_verification.people import AN, BINH, CHI, CONTEXT, IDENTITY, PORTAL, STAMP, ask
from tests.registry_verification.test_claims import INSURANCE, INSURER

GOLDEN = Path(__file__).parent / "golden"


def documents():
    """Name and document of each golden file."""
    residence = ask(
        AN,
        IDENTITY
        | {
            "name": "NGUYỄN THỊ AN",
            "sex": "male",
            "outside_commune": "00008",
            "dwelling_owner": {"dwelling": "7", "number": BINH, "name": "Trần Văn Bỉnh"},
        },
    )
    insurance = ask(
        AN,
        IDENTITY
        | {
            "household_members": [AN, CHI, BINH],
            "health_insurance": {"on": "2026-12-01", "state": "expired", "members": [CHI, BINH]},
        },
        caller=INSURER,
        context=INSURANCE,
    )
    stranger = ask(AN, IDENTITY | {"name": "Phạm Thị Khác"})
    yield "answer_residence", answer_document(residence, context=CONTEXT, stamp=STAMP, receipt="…")
    yield "answer_insurance", answer_document(insurance, context=INSURANCE, stamp=STAMP, receipt="…")
    yield "answer_not_established", answer_document(stranger, context=CONTEXT, stamp=STAMP, receipt="…")
    yield (
        "receipt_residence",
        receipt_claims(
            residence,
            issuer="https://registry.example",
            caller=PORTAL,
            context=CONTEXT,
            stamp=STAMP,
            pseudonym="5e2f…",
            position=3 * (1 << 20) + 77,
        ),
    )


@pytest.mark.parametrize(("name", "document"), list(documents()))
def test_document(name, document):
    """Equal to its golden file (written anew with UPDATE_GOLDEN=1)."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text

"""What a signed PDF of form CT07 costs: `python -m benchmarks.registry.papers` (no database, no service)."""

from __future__ import annotations

import secrets
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from population_registry.papers.chip.certificates import SEALS, make_authority, make_signer
from population_registry.papers.confirmation.code import BYTES, code_of
from population_registry.papers.confirmation.form import render_form
from population_registry.papers.confirmation.pades import sign_pdf

ROUNDS = 60
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
STAMP_LETTERS = 640  # base64url letters of a stamp, as the registry signs them


def claims() -> dict[str, Any]:
    """A paper about nobody, with a household of five."""
    member = {"name": "Lê Thị Nguyệt Ánh", "birth_date": "2003-03-10", "sex": "female", "relation": "child"}
    place = {
        "address": "Số 24, đường Hoa Sen",
        "commune": "Phường Vỹ Dạ, Huế",
        "since": "2002-05-05",
        "until": None,
    }
    return {
        "iss": "https://registry.example",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 31_536_000,
        "code": code_of(secrets.token_bytes(BYTES)),
        "authority": "Công an phường Vỹ Dạ, Huế",
        "purpose": "Bổ sung hồ sơ nhập học",
        "identity": {
            "number": "099079000104",
            "name": "Lê Quang Hùng",
            "birth_date": "1979-08-23",
            "sex": "male",
            "nationality": "VN",
        },
        "permanent": place,
        "temporary": None,
        "current": None,
        "household": {
            "file_number": "HS-1",
            "head": "Lê Quang Hùng",
            "relation_to_head": "head",
            "members": [member] * 4,
        },
    }


def resident_mb() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1_000_000


def main() -> None:
    """Print medians of CPU time, the size of a file, and memory before and after."""
    authority = make_authority(NOW, SEALS)
    signer = make_signer(authority, NOW, SEALS)
    before, rendering, signing = resident_mb(), [], []
    signed = b""
    for _ in range(ROUNDS):
        began = time.process_time()
        file = render_form(claims(), secrets.token_urlsafe(STAMP_LETTERS * 3 // 4))
        rendered = time.process_time()
        signed = sign_pdf(file, signer, authority.certificate, NOW, "CT07")
        rendering.append(rendered - began)
        signing.append(time.process_time() - rendered)
    print(
        f"{ROUNDS} papers: form {statistics.median(rendering) * 1000:.0f} ms CPU, "
        f"signature {statistics.median(signing) * 1000:.1f} ms, {len(signed):,} bytes, "
        f"memory {before:.0f} to {resident_mb():.0f} MB"
    )


if __name__ == "__main__":
    main()

"""What the demo makes up so that the public figures have something to count: a year of dossiers, and marks."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from demo.rows import Step

HISTORY: Final = "history-registry"


def past_dossiers(environment: Mapping[str, str], seed: int) -> Step:
    """Dossiers of synthetic people, made by the registry's own engine; their purpose says what they are."""
    return Step(
        name=HISTORY,
        label="hồ sơ mô phỏng của một năm · a year of synthetic dossiers",
        command=(sys.executable, "-m", "population_registry", "history", "--seed", str(seed)),
        environment=environment,
        needs=("populate-registry",),
    )


def sample_marks(environment: Mapping[str, str], seed: int) -> Step:
    """Made-up marks of the past year; their keys say that they are made up."""
    return Step(
        name="marks-national_portal",
        label="đánh giá mô phỏng · made-up marks",
        command=(sys.executable, "-m", "clients", "sample-marks", "--seed", str(seed)),
        environment=environment,
        needs=("migrate-national_portal",),
    )

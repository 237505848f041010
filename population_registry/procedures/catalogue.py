"""Every procedure that can be filed as a dossier, by its code."""

from collections.abc import Mapping
from typing import Final

from population_registry.dossiers import Procedure
from population_registry.procedures import (
    insurance_child,
    insurance_correction,
    insurance_ending,
    insurance_enrolment,
    residence_temporary_registration,
)

_MODULES: Final = (
    residence_temporary_registration,
    insurance_enrolment,
    insurance_child,
    insurance_correction,
    insurance_ending,
)

PROCEDURES: Final[Mapping[str, Procedure]] = {each.PROCEDURE.code: each.PROCEDURE for each in _MODULES}
"""A procedure that is not here cannot be filed."""
MODULES: Final[Mapping[str, str]] = {each.PROCEDURE.code: each.__name__ for each in _MODULES}
"""Where each procedure is written, for the table of documents."""

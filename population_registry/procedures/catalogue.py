"""Every procedure that can be filed as a dossier, by its code."""

from collections.abc import Mapping
from typing import Final

from population_registry.dossiers import Procedure
from population_registry.procedures import (
    identity_card_return,
    identity_card_withdrawal,
    identity_number,
    identity_status,
    insurance_child,
    insurance_correction,
    insurance_death,
    insurance_ending,
    insurance_enrolment,
    linked_birth,
    linked_birth_correction,
    linked_birth_registration,
    linked_birth_residence,
    linked_death,
    linked_death_registration,
    linked_death_residence,
    residence_absence,
    residence_confirmation,
    residence_correction,
    residence_current,
    residence_deletion_permanent,
    residence_deletion_temporary,
    residence_extension,
    residence_permanent,
    residence_split,
    residence_stay,
    residence_temporary_registration,
    survivors,
)

_MODULES: Final = (
    insurance_enrolment,
    insurance_child,
    insurance_correction,
    insurance_ending,
    residence_permanent,
    residence_temporary_registration,
    residence_extension,
    residence_split,
    residence_correction,
    residence_deletion_permanent,
    residence_deletion_temporary,
    residence_current,
    residence_stay,
    residence_absence,
    residence_confirmation,
    insurance_death,
    survivors,
    linked_birth,
    linked_birth_registration,
    linked_birth_correction,
    linked_birth_residence,
    linked_death,
    linked_death_registration,
    linked_death_residence,
    identity_card_withdrawal,
    identity_card_return,
    identity_number,
    identity_status,
)

PROCEDURES: Final[Mapping[str, Procedure]] = {each.PROCEDURE.code: each.PROCEDURE for each in _MODULES}
"""A procedure that is not here cannot be filed."""
MODULES: Final[Mapping[str, str]] = {each.PROCEDURE.code: each.__name__ for each in _MODULES}
"""Where each procedure is written, for the table of documents."""

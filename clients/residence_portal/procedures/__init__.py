"""The residence procedures as this portal asks for them: one description each, from the inputs of the registry's own.

A description is sections of questions (`clients.portal_kit.question`); forms, reading and review are made from it.
"""

from typing import Final

from clients.portal_kit.procedure import Procedure
from clients.residence_portal.procedures import (
    absence,
    confirmation,
    correction,
    current,
    deletion,
    extension,
    permanent,
    split,
    stay,
    temporary,
)

PROCEDURES: Final[tuple[Procedure, ...]] = (
    permanent.PROCEDURE,
    temporary.PROCEDURE,
    extension.PROCEDURE,
    stay.PROCEDURE,
    absence.PROCEDURE,
    current.PROCEDURE,
    confirmation.PROCEDURE,
    split.PROCEDURE,
    correction.PROCEDURE,
    deletion.PERMANENT,
    deletion.TEMPORARY,
)
"""In the order of the front page: registering, telling, papers, changing what is registered."""

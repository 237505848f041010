"""States of a dossier (hồ sơ) and the moves between them: the catalogue of the National Public Service Portal.

Sources: public-services.md section 5, residence.md section 11 of the domain facts; Decree 118/2025 Art. 21.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class DossierState(IntEnum):
    """States of the national catalogue; the number is the code on the wire."""

    SUBMITTED = 1
    RECEIVED = 2
    NOT_RECEIVED = 3
    PROCESSING = 4
    SUPPLEMENT_WANTED = 5
    FEE_DUE = 6
    WITHDRAWAL_ASKED = 7
    STOPPED = 8
    DONE = 9
    RETURNED = 10


_S = DossierState
MOVES: Final[Mapping[DossierState, frozenset[DossierState]]] = {
    _S.SUBMITTED: frozenset({_S.RECEIVED, _S.NOT_RECEIVED, _S.WITHDRAWAL_ASKED}),
    _S.RECEIVED: frozenset(
        {_S.PROCESSING, _S.SUPPLEMENT_WANTED, _S.FEE_DUE, _S.WITHDRAWAL_ASKED, _S.STOPPED}
    ),
    _S.NOT_RECEIVED: frozenset(),
    _S.PROCESSING: frozenset({_S.SUPPLEMENT_WANTED, _S.FEE_DUE, _S.WITHDRAWAL_ASKED, _S.STOPPED, _S.DONE}),
    _S.SUPPLEMENT_WANTED: frozenset({_S.PROCESSING, _S.STOPPED, _S.WITHDRAWAL_ASKED}),
    _S.FEE_DUE: frozenset({_S.PROCESSING, _S.STOPPED, _S.WITHDRAWAL_ASKED}),
    _S.WITHDRAWAL_ASKED: frozenset({_S.STOPPED}),
    _S.STOPPED: frozenset(),
    _S.DONE: frozenset({_S.RETURNED}),
    _S.RETURNED: frozenset(),
}
"""Which state may follow which (public-services.md section 5)."""

CLOCK_RUNS: Final = frozenset({_S.RECEIVED, _S.PROCESSING})
CLOCK_PAUSES: Final = frozenset({_S.SUPPLEMENT_WANTED, _S.FEE_DUE})
ENDED: Final = frozenset({_S.NOT_RECEIVED, _S.STOPPED, _S.RETURNED})
OPEN: Final = frozenset(DossierState) - ENDED - {_S.DONE}
"""Undecided."""
WANTED: Final = OPEN - {_S.WITHDRAWAL_ASKED}
"""Undecided and not taken back: a further dossier of the same content would be a double submission.

From a withdrawal only the notice of stop leads on, so whoever withdrew may file anew before an officer comes to it.
"""


def may_move(state: DossierState, wanted: DossierState) -> bool:
    """Whether the catalogue knows that move."""
    return wanted in MOVES[state]

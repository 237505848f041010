"""Cards and old numbers of a block, with the dates that the law gives them."""

from datetime import date

import numpy as np

from population_registry.domain import DocumentKind, DocumentState
from population_registry.synthesis.days import ISO, NONE, YEAR, birthdays, number
from population_registry.synthesis.draws import Bools, Draws, Ints, ranks, take

CMND_ENDED = date(2021, 1, 1)
EXCHANGE_AGES = (14, 25, 40, 60)
_GRACE = 2
_CHIP_SINCE, _CAN_CUOC_SINCE = number(date(2021, 1, 5)), number(date(2024, 7, 1))
_BARCODE_SINCE, _BARCODE_UNTIL = number(date(2016, 1, 4)), number(date(2020, 12, 31))
_CMND_SINCE, _CMND_UNTIL = number(date(1999, 1, 1)), number(date(2013, 1, 1))
_CARD_FROM_AGE, _CARD_ON_REQUEST_AGE = 14, 6
_CHILD_WITH_CARD, _INFANT_WITH_CARD = 0.25, 0.04
_EXCHANGES_IN_TIME = 0.92
_HAD_BARCODE = 0.22
_LOST, _WITHDRAWN, _HELD = 0.008, 0.0004, 0.0006
_HELD_CMND, _HELD_TWO, _CMND_BORN_BEFORE, _CMND_YEARS = 0.35, 0.02, 1998, 15
_POLICE = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
_MINISTRY, _PROVINCE_POLICE = "Bộ Công an", "Công an cấp tỉnh"

Cards = tuple[Ints, Ints, Ints, Ints, Ints, Ints]
"""Person, kind, issued, expires, state, day of that state."""

_KINDS, _STATES = list(DocumentKind), list(DocumentState)
_BARCODE, _CHIP, _CAN_CUOC, _CMND = (
    _KINDS.index(kind)
    for kind in (
        DocumentKind.CCCD_BARCODE,
        DocumentKind.CCCD_CHIP,
        DocumentKind.CAN_CUOC,
        DocumentKind.CMND_9,
    )
)
_VALID, _VOID, _GONE, _TAKEN, _KEPT = (
    _STATES.index(state)
    for state in (
        DocumentState.VALID,
        DocumentState.VOID,
        DocumentState.LOST,
        DocumentState.WITHDRAWN,
        DocumentState.HELD,
    )
)
_VOIDED = number(date(2025, 1, 1))
_ISSUERS = {_CMND: _PROVINCE_POLICE, _CAN_CUOC: _MINISTRY}
_ISSUER_OF = [_ISSUERS.get(kind, _POLICE) for kind in range(len(_KINDS))]


def expiries(born: Ints, issued: Ints) -> Ints:
    """The days printed on cards issued those days; 0 when they never end (Law on Identity Art. 21)."""
    ends = np.full(len(born), NONE)
    for age in reversed(EXCHANGE_AGES):
        turning = birthdays(born, age)
        ends = np.where((turning > issued) & (birthdays(turning, -_GRACE) > issued), turning, ends)
    return ends


def draw_old_holders(draws: Draws, born: Ints) -> Ints:
    """Who once held a nine-digit number (35 % of those born before 1998), twice who held two (2 % of them)."""
    held = (YEAR[born] < _CMND_BORN_BEFORE) & draws.chance(len(born), _HELD_CMND)
    return np.sort(np.r_[np.flatnonzero(held), np.flatnonzero(held & draws.chance(len(born), _HELD_TWO))])


def document_rows(
    draws: Draws,
    born: Ints,
    until: Ints,
    lost_nationality: Bools,
    numbers: list[str],
    old: tuple[Ints, list[str]],
    ids: list[str],
) -> list[list[str]]:
    """The columns of every card; `until` is the last day on which a person may have got one."""
    holders, olds = old
    parts = [_old_cards(draws, born, holders), *_cards(draws, born, until, lost_nationality)]
    person, kind, issued, expires, state, since = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    printed = [*olds, *take(numbers, person[len(holders) :])]
    order = np.lexsort((np.arange(len(person)), issued, person))
    person = person[order]
    place = (ranks(person) + 1).tolist()
    return [
        take(ids, person),
        list(map(str, place)),
        take(_KINDS, kind[order]),
        take(printed, order),
        take(ISO, issued[order]),
        take(ISO, expires[order]),
        take(_STATES, state[order]),
        take(_ISSUER_OF, kind[order]),
        take(ISO, since[order]),
    ]


def _old_cards(draws: Draws, born: Ints, holders: Ints) -> Cards:
    """The paper cards of nine-digit numbers; void since 1 January 2025 (Law on Identity Art. 46(2))."""
    first = np.maximum(birthdays(born[holders], _CARD_FROM_AGE), _CMND_SINCE)
    issued = draws.between(len(holders), first, np.maximum(first, _CMND_UNTIL))
    same = np.ones(len(holders), dtype=np.int64)
    ends = birthdays(issued, _CMND_YEARS)
    return holders, same * _CMND, issued, ends, same * _VOID, np.minimum(ends, same * _VOIDED)


def _cards(draws: Draws, born: Ints, until: Ints, lost_nationality: Bools) -> list[Cards]:
    """The cards with the personal number, oldest first; a card past its exchange age is usually replaced."""
    count = len(born)
    fourteen = birthdays(born, _CARD_FROM_AGE)
    earliest = np.maximum(_CHIP_SINCE, fourteen)
    young = earliest > until
    share = np.where(birthdays(born, _CARD_ON_REQUEST_AGE) <= until, _CHILD_WITH_CARD, _INFANT_WITH_CARD)
    wanted = ~young | draws.chance(count, share)
    earliest = np.where(young, np.maximum(_CAN_CUOC_SINCE, born + 60), earliest)
    wanted &= earliest <= until
    issued = earliest + draws.between(count, 0, np.minimum(until - earliest, 900))
    found = []
    barcode = (
        wanted & draws.chance(count, _HAD_BARCODE) & (np.maximum(fourteen, _BARCODE_SINCE) < _BARCODE_UNTIL)
    )
    who = np.flatnonzero(barcode & (issued < _CAN_CUOC_SINCE))
    older = draws.between(len(who), np.maximum(fourteen[who], _BARCODE_SINCE), _BARCODE_UNTIL)
    same = np.ones(len(who), dtype=np.int64)
    found.append((who, same * _BARCODE, older, expiries(born[who], older), same * _VOID, issued[who]))
    who, on = np.flatnonzero(wanted), issued[wanted]
    while len(who):
        ends = expiries(born[who], on)
        again = (ends != NONE) & (ends < until[who]) & draws.chance(len(who), _EXCHANGES_IN_TIME)
        following = np.minimum(until[who], ends + draws.between(len(who), 0, 90))
        lost = ~again & draws.chance(len(who), _LOST)
        found.append(_states(draws, who, on, ends, lost, lost_nationality[who] & ~again, until[who]))
        reissued = np.minimum(until[who], on + draws.between(len(who), 30, 400))
        again |= lost
        following = np.where(lost, reissued, following)
        who, on = who[again], following[again]
    return found


def _states(
    draws: Draws, who: Ints, issued: Ints, ends: Ints, lost: Bools, withdrawn: Bools, until: Ints
) -> Cards:
    """The cards of one round: nearly all valid; some lost, withdrawn or held (Law on Identity Art. 29)."""
    chance = draws.uniform(len(who))
    current = ~lost & ((ends == NONE) | (ends >= until))
    state = np.full(len(who), _VALID)
    state[lost] = _GONE
    state[current & (chance < _HELD)] = _KEPT
    state[current & (chance > 1 - _WITHDRAWN) | withdrawn] = _TAKEN
    since = np.minimum(until, issued + draws.between(len(who), 1, 300))
    since = np.where(state == _TAKEN, np.where(withdrawn, until, since), since)
    kind = np.where(issued < _CAN_CUOC_SINCE, _CHIP, _CAN_CUOC)
    return who, kind, issued, ends, state, np.where(state == _VALID, NONE, since)

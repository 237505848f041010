"""Events as Security Event Tokens.

https://www.rfc-editor.org/rfc/rfc8417
Implemented: 2.1 (several event identifiers of one occurrence), 2.2 (iss, iat, jti, aud, sub_id, events, toe), 2.3
(`typ` secevent+jwt, no `exp`). Left out: `txn`, for the payload names the dossier. Subjects are those of RFC 9493
section 3.2.5 (`opaque`): the personal number, which only State bodies that already know the person by it are told,
or the dossier's code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

EVENT_TYPE: Final = "secevent+jwt"
MEDIA_TYPE: Final = "application/secevent+jwt"
PREFIX: Final = "urn:example:vn:registry:event:"
RECORD_CHANGED: Final = "record-changed"
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "dossier.event": ("dossier-changed",),
    "dossier.synchronised": ("dossier-synchronised",),
    "dossier.consent_asked": ("dossier-consent-asked",),
    "registry.RecordDeath": ("death",),
    "registry.RegisterBirth": ("birth-registered",),
    "registry.CorrectBirth": (RECORD_CHANGED,),
    "registry.RegisterResidence": ("residence-changed", RECORD_CHANGED),
    "registry.EndResidence": ("residence-changed", RECORD_CHANGED),
    "registry.WithdrawCard": ("card-withdrawn", RECORD_CHANGED),
    "registry.ReturnCard": ("card-returned", RECORD_CHANGED),
    "registry.ReestablishNumber": ("number-reestablished", RECORD_CHANGED),
    "registry.IssueCard": ("insurance-card-issued",),
    "registry.CorrectCard": ("insurance-card-corrected",),
    "registry.EndCover": ("insurance-ended",),
    "registry.RefundPremium": ("insurance-refunded",),
}
_STATUS: Final = "registry.SetPersonStatus"
_OF_STATUS: Final[Mapping[str, tuple[str, ...]]] = {
    "deceased": ("death",),
    "nationality_lost": ("nationality-lost", "status-changed"),
}
_PERSON: Final = "person"
_NEW_PERSON: Final = "new_person"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the outbox on its way to one subscriber."""

    event_id: UUID
    kind: str
    stream: str
    body: Mapping[str, Any]
    happened_at: datetime


def names_of(kind: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """The event identifiers of a kind, without their common prefix; others are called by their words."""
    if kind == _STATUS:
        return _OF_STATUS.get(str(body.get("status")), ("status-changed", RECORD_CHANGED))
    if kind in _NAMES:
        return _NAMES[kind]
    return (re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[._]", "-", kind.removeprefix("registry.")).lower(),)


def event_claims(happening: Happening, *, issuer: str, audience: str, now: datetime) -> dict[str, object]:
    """The claims to sign; `jti` is the event's id, the same at every try, so a receiver takes it once."""
    body = dict(happening.body)
    person, new = body.pop(_PERSON, None), body.pop(_NEW_PERSON, None)
    if new is not None:
        body["new_sub_id"] = _opaque(new)
    said: dict[str, object] = {PREFIX + name: body for name in names_of(happening.kind, happening.body)}
    return {
        "iss": issuer,
        "aud": audience,
        # 2.2: "iat" is when the token was made, "toe" when the event happened.
        "iat": int(now.timestamp()),
        "toe": min(int(happening.happened_at.timestamp()), int(now.timestamp())),
        "jti": str(happening.event_id),
        "sub_id": _opaque(happening.stream if person is None else person),
        "events": said,
    }


def _opaque(identifier: str) -> dict[str, str]:
    return {"format": "opaque", "id": identifier}

"""Who asks and what is asked: typed values, read strictly from parsed JSON."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from population_registry.domain import NumberRejectedError, parse_number
from population_registry.verification.acting import Acting
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from population_registry.verification.rich_requests import Detail

_DOSSIER = re.compile(r"[A-Z]?\d{2,3}(\.[A-Z]?\d{2,3}){0,4}-\d{6}(\d{2})?-\d{4,8}", re.ASCII)
_OFFICER = re.compile(r"[A-Za-z0-9._:\-]{1,64}", re.ASCII)
_PURPOSE_LENGTH = range(5, 501)
_MAX_CODE = 64
_MAX_NUMBER_TEXT = 40
MEMBERS = frozenset({"purpose", "procedure_code", "dossier_code", "officer", "subject", "claims"})
REQUIRED = frozenset({"purpose", "procedure_code", "subject", "claims"})


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of an access token, as far as the registry judges by it.

    `person_number` is the `pid` claim: the signed-in person in whose name the client asks. `auth_time`: when that
    person signed in (epoch seconds). `details`: what that person agreed to (RFC 9396), None where nothing limits it.
    `has_phone`: the person's e-ID app is on a phone, whose key signs consents.
    """

    client_id: str
    scopes: frozenset[str]
    party_kind: str | None = None
    agency_code: str | None = None
    person_number: str | None = None
    acr: str | None = None
    auth_time: int | None = None
    details: tuple[Detail, ...] | None = None
    acting: Acting | None = None
    has_phone: bool = False

    @property
    def actor(self) -> str | None:
        """The pseudonym of whoever acts for the person, for the log."""
        return None if self.acting is None else self.acting.subject

    @property
    def agency(self) -> str:
        """The agency for the log: its code where the token has one, otherwise the client."""
        return self.agency_code or self.client_id


@dataclass(frozen=True, slots=True)
class Context:
    """Why somebody asks: purpose, procedure, dossier and, where a human asks, the officer."""

    purpose: str
    procedure_code: str
    dossier_code: str | None
    officer: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """One verification: the subject's number (normalised) and the statements to judge, still as JSON values."""

    context: Context
    number: str
    claims: Mapping[str, Any] = field(default_factory=dict)


def read_question(body: object) -> Question:
    """A question from parsed JSON.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    members = read_object(body, "", allowed=MEMBERS, required=REQUIRED)
    subject = read_object(members["subject"], "subject", allowed={"number"}, required={"number"})
    claims = members["claims"]
    if not isinstance(claims, dict) or not claims:
        raise malformed("claims")
    return Question(read_context(members), read_number(subject["number"], "subject.number"), claims)


def read_context(members: Mapping[str, Any]) -> Context:
    """Purpose, procedure, dossier and officer.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    purpose = read_text(members["purpose"], "purpose", _PURPOSE_LENGTH)
    dossier, officer = members.get("dossier_code"), members.get("officer")
    if dossier is not None and not (isinstance(dossier, str) and _DOSSIER.fullmatch(dossier)):
        raise malformed("dossier_code")
    if officer is not None and not (isinstance(officer, str) and _OFFICER.fullmatch(officer)):
        raise malformed("officer")
    code = read_text(members["procedure_code"], "procedure_code", range(1, _MAX_CODE + 1))
    return Context(purpose, code, dossier, officer)


def read_object(
    value: object, place: str, *, allowed: frozenset[str] | set[str], required: frozenset[str] | set[str]
) -> dict[str, Any]:
    """A JSON object with only known members.

    Raises:
        Refusal: `invalid-request`, naming the first unknown or missing member.
    """
    if not isinstance(value, dict):
        raise malformed(place or "body")
    if not required <= value.keys() <= allowed:
        name = min(value.keys() - allowed or required - value.keys())
        raise malformed(_inside(place, name if name.isascii() and len(name) <= _MAX_CODE else "?"))
    return value


def read_text(value: object, place: str, length: range) -> str:
    """A text of bounded length without control characters.

    Raises:
        Refusal: `invalid-request`.
    """
    if not isinstance(value, str) or len(value) not in length or not value.isprintable():
        raise malformed(place)
    return value


def read_number(value: object, place: str) -> str:
    """A personal number or an old nine-digit number, normalised.

    Raises:
        Refusal: `invalid-request`.
    """
    if not isinstance(value, str) or len(value) > _MAX_NUMBER_TEXT:
        raise malformed(place)
    try:
        return str(parse_number(value))
    except NumberRejectedError as rejected:
        raise malformed(place, rejected.reason.value) from None


def require_scope(caller: Caller, scope: str) -> None:
    """Refuse a token without that scope (RFC 6750 section 3.1).

    Raises:
        Refusal: `insufficient-scope`.
    """
    if scope not in caller.scopes:
        raise Refusal(RefusalCode.INSUFFICIENT_SCOPE, wanted=scope)


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name

"""Why a question is refused before anything about anybody is looked up."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_LONGEST_NAME: Final = 64
"""Characters of a name that a refusal repeats."""


class RefusalCode(StrEnum):
    """Stable codes; each is also the end of a problem type's address and has texts in both languages."""

    INVALID_REQUEST = "invalid-request"
    PROCEDURE_UNKNOWN = "procedure-unknown"
    PROCEDURE_NOT_ALLOWED = "procedure-not-allowed"
    CLAIM_NOT_ALLOWED = "claim-not-allowed"
    FIELD_NOT_ALLOWED = "field-not-allowed"
    IDENTIFYING_CLAIMS_MISSING = "identifying-claims-missing"
    SUBJECT_TOKEN_REQUIRED = "subject-token-required"  # noqa: S105 -- a problem type, no secret
    OTHER_SUBJECT = "other-subject"
    INSUFFICIENT_SCOPE = "insufficient-scope"
    INSUFFICIENT_AUTHENTICATION = "insufficient-authentication"
    AUTHORIZATION_DETAILS_REQUIRED = "authorization-details-required"
    OUTSIDE_AUTHORIZATION_DETAILS = "outside-authorization-details"
    DOSSIER_REQUIRED = "dossier-required"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    AUTHORITY_ENDED = "authority-ended"
    PERSON_UNKNOWN = "person-unknown"
    DOCUMENT_UNREADABLE = "document-unreadable"
    BATCH_NOT_ALLOWED = "batch-not-allowed"
    OFFICER_UNKNOWN = "officer-unknown"
    OFFICER_NOT_ALLOWED = "officer-not-allowed"
    SEARCH_TOO_BROAD = "search-too-broad"
    NOTHING_TO_CONFIRM = "nothing-to-confirm"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the catalogue says no: the entry (a procedure's code), its member, and the law the entry stands on."""

    entry: str
    member: str
    legal_basis: str


class Refusal(Exception):
    """A question that is not answered; decided on the question and the catalogue alone.

    `member` names the place in the request (`claims.name`), never its content. `wanted` is the scope or the
    authentication context class that would have been enough, `max_age` how many seconds
    ago a sign-in may be. `reason` is a language-free code that says more. `rule` is the place in the catalogue
    that decided, where it was the catalogue. `allowed` are the words of which one was to be sent.
    """

    def __init__(
        self,
        code: RefusalCode,
        *,
        member: str | None = None,
        wanted: str | None = None,
        reason: str | None = None,
        max_age: int | None = None,
        rule: Rule | None = None,
        allowed: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code.value)
        self.allowed = allowed
        self.reason = reason
        self.code = code
        self.member = member
        self.wanted = wanted
        self.max_age = max_age
        self.rule = rule


def malformed(member: str, why: str | None = None) -> Refusal:
    """The request cannot be read at that place; `why` is a language-free code, see `EXPLAINED`."""
    return Refusal(RefusalCode.INVALID_REQUEST, member=member, reason=why)


def unknown_name(place: str, name: object, allowed: Iterable[str]) -> Refusal:
    """Something is asked for by a name that means nothing; named where it is a word, with those that are allowed."""
    word = isinstance(name, str) and len(name) <= _LONGEST_NAME and name.isascii() and name.isidentifier()
    return Refusal(
        RefusalCode.INVALID_REQUEST,
        member=f"{place}.{name}" if word else place,
        reason="unknown_name",
        allowed=tuple(sorted(allowed)),
    )


EXPLAINED = frozenset(
    {
        "not_digits",
        "leading_zero_lost",
        "wrong_length",
        "no_date",
        "byte_order_mark",
        "not_utf8",
        "not_json",
        "member_twice",
        "period_reversed",
        "in_the_future",
        "unknown_name",
        "not_base64",
        "no_name_fragments",
    }
)
"""Why something cannot be read, where a sentence in both languages says what to do about it."""

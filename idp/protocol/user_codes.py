"""The request behind a user code that a signed-in person types (RFC 8628 sections 3.3 and 5.1)."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import LoadedDecoupled
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt
from idp.protocol.decoupled_answers import NOT_SIGNED_IN, answerable, person_of

GUESSES: Final = 20
GUESSING_WINDOW: Final = 900
"""User codes that one person may look up within so many seconds; an address has ten times as many."""
ADDRESS_GUESSES: Final = 200


@frozen
class LookUp:
    """A signed-in person typed a user code; ``bucket_of`` is a keyed hash of their address."""

    digest: bytes | None
    user_code: str = field(repr=False)
    address_hash: str = field(repr=False)
    account_id: str = ""

    @property
    def counts(self) -> tuple[CountAttempt, ...]:
        """What a look costs, right or wrong, so that parallel guesses cannot outrun the limit (RFC 8628 5.1)."""
        return (
            CountAttempt(f"user-code:account:{self.account_id}", GUESSING_WINDOW, GUESSES),
            CountAttempt(f"user-code:address:{self.address_hash}", GUESSING_WINDOW, ADDRESS_GUESSES),
        )

    @property
    def needs(self) -> Needs:
        """The person, and the request that the code leads to with its client."""
        return Needs(
            session_digest=self.digest,
            account_of_session=True,
            user_code=self.user_code,
            client_of_decoupled=True,
            throttles=tuple(count.bucket for count in self.counts),
        )


@frozen
class Shown:
    """What the person is shown before they answer; ``now`` in epoch seconds."""

    loaded: LoadedDecoupled
    client: Client
    account: Account
    now: int


class LookRefused(StrEnum):
    """Why a code led nowhere."""

    UNKNOWN = "unknown"
    TOO_MANY = "too_many"


def look_up(asked: LookUp, facts: Facts, policy: Policy) -> Decision[Shown | LookRefused]:
    """The device's request behind a code. Raises PageProblem when nobody is signed in."""
    del policy
    _, account = person_of(facts)
    if account.account_id != asked.account_id:
        raise PageProblem(NOT_SIGNED_IN, 401, cause="the session changed hands")
    full = [count for count in asked.counts if facts.throttles.get(count.bucket, 0) >= (count.limit or 0)]
    if full:
        return Decision(LookRefused.TOO_MANY)
    loaded, client = facts.decoupled, facts.client
    if not answerable(loaded, client, account, facts) or loaded is None or client is None:
        return Decision(LookRefused.UNKNOWN, asked.counts)
    return Decision(Shown(loaded, client, account, facts.now), asked.counts)

"""The loop: read -> load -> decide -> commit -> respond. Only a committed decision becomes an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from idp.domain.client import Client
from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs, ReplayKey
from idp.domain.policy import Policy
from idp.domain.writes import SpendOnce
from idp.egress import RequestObjects
from idp.ports import (
    AccountIssuing,
    AccountLives,
    AccountRecords,
    Committing,
    Loading,
    OwnRecords,
    PublishedKeys,
    Registry,
    RegistryHearing,
    Unavailable,
)
from idp.settings import Settings
from keys import KeyRing
from web import Pages
from web.egress import Egress

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")

ATTEMPTS = 3


class Loop:
    """Runs one request: everything it may know is loaded at once, judged purely, made true, and then said."""

    def __init__(
        self,
        loading: Loading,
        committing: Committing,
        policy: Policy,
        published_keys: PublishedKeys | None = None,
    ) -> None:
        self.loading = loading
        self.committing = committing
        self.policy = policy
        self.published_keys = published_keys

    async def run(
        self,
        request: Request,
        needs: Needs,
        decide: Callable[[Request, Facts, Policy], Decision[Outcome]],
    ) -> Outcome:
        """The outcome of a decision that is true by now.

        A lost race is loaded and decided again, so that the second decision sees what the winner did. Raises
        :class:`Unavailable` when a store does not answer or the race never ends; then nothing was granted.
        """
        claimed: frozenset[ReplayKey] = frozenset()
        for _ in range(ATTEMPTS):
            facts = await self.loading.load(needs)
            if facts.client is not None and facts.client.jwks_uri:
                facts = await self._with_keys(facts, facts.client, facts.client.jwks_uri, needs)
            decision = decide(request, without_own(facts, claimed), self.policy)
            result = await self.committing.commit(without_claimed(decision, claimed))
            if isinstance(result, Committed):
                return decision.outcome
            claimed |= claimed_before(result, decision)
        raise Unavailable("conflict", retry_after=1)

    async def _with_keys(self, facts: Facts, client: Client, uri: str, needs: Needs) -> Facts:
        """Facts with what the client publishes (OIDC Core 10.1.1); a client with keys by value never comes here.

        They are needed to verify what it sent, and to encrypt to it what it may be about to get.
        """
        if self.published_keys is None or (needs.client_keys_for is None and not client.is_encrypted_to):
            return facts
        texts = needs.client_keys_for or ()
        return replace(facts, fetched_keys=await self.published_keys.document(uri, texts))


def claimed_before(conflict: Conflict, decision: Decision[Outcome]) -> frozenset[ReplayKey]:
    """Single-use items that this very request has spent although a later claim of it lost its race.

    Committing spends items before any other claim and stops at the first conflict, so a conflict elsewhere means
    that ours are spent by us. Without this, a client that lost the race for a code would hear that its own
    assertion was replayed, and the replay of the code would go unpunished.
    """
    if conflict.what == SpendOnce.__name__:
        return frozenset()
    return frozenset(write.key for write in decision.writes if isinstance(write, SpendOnce))


def without_own(facts: Facts, claimed: frozenset[ReplayKey]) -> Facts:
    """Facts in which the items that this request spent itself do not count as spent."""
    return replace(facts, spent=facts.spent - claimed) if claimed else facts


def without_claimed(decision: Decision[Outcome], claimed: frozenset[ReplayKey]) -> Decision[Outcome]:
    """A decision without the claims that are true already."""
    if not claimed:
        return decision
    kept = tuple(
        each for each in decision.writes if not (isinstance(each, SpendOnce) and each.key in claimed)
    )
    return replace(decision, writes=kept)


@dataclass(frozen=True, slots=True)
class Services:
    """What endpoints and pages reach through ``app.state.services``; built once by the composition root.

    ``passwords`` is the bounded argon2id pool, ``mail`` the outbox of the demo (None in production),
    ``request_objects`` the way to registered references, ``egress`` the one way out to addresses that clients name.
    """

    loop: Loop
    ring: KeyRing
    pages: Pages
    policy: Policy
    settings: Settings
    registry: Registry
    records: AccountRecords
    lives: AccountLives
    hearing: RegistryHearing
    own: OwnRecords
    issuing: AccountIssuing
    passwords: object = None
    mail: object = None
    request_objects: RequestObjects | None = None
    egress: Egress | None = None

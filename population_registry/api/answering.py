"""The loop read → load → decide → commit → respond for every answer about a person."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import uuid4

import orjson

from keys import KeyPurpose, KeyRecord, KeyRing
from population_registry.api.database import RETRY_AFTER, Database
from population_registry.api.idempotency import Repetition
from population_registry.api.shared_trips import SharedTrips
from population_registry.api.status_lists import StatusPositions
from population_registry.domain import AccessRecord, ReceiptRow
from population_registry.domain.time_ordered import RANDOM_BYTES, time_ordered_ids
from population_registry.storage.answering import Leaving
from population_registry.storage.households import load_with_household
from population_registry.storage.loading import Wanted
from population_registry.verification.asking import Caller, Question
from population_registry.verification.authorising import Permitted, permit
from population_registry.verification.catalogue import Catalogue
from population_registry.verification.deciding import Decision, Policy, Stamp, decide
from population_registry.verification.fields import HOUSEHOLD
from population_registry.verification.guessing import keys_of, tries_of
from population_registry.verification.needs import CLAIM_PARTS, FIELD_PARTS, parts_of
from population_registry.verification.receipts import (
    RECEIPT_TYPE,
    answer_document,
    pseudonym_text,
    receipt_claims,
)
from population_registry.verification.releasing import Release, people_in, release
from web import Problem

ATTEMPTS = 12
"""How often a question is decided anew when others spend the same budget at the same moment."""
RECEIPTS_KEPT = timedelta(days=3653)
"""Bookkeeping of receipts: as long as dossiers (public-services.md section 11)."""

Finish = Callable[[Decision, dict[str, object]], Mapping[str, object]]


def unchanged(_decision: Decision, document: dict[str, object]) -> Mapping[str, object]:
    """A verification answers its own document."""
    return document


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything an answer needs of the outside."""

    database: Database
    trips: SharedTrips
    ring: KeyRing
    catalogue: Catalogue
    policy: Policy
    issuer: str
    clock: Callable[[], datetime]
    positions: StatusPositions = field(default_factory=StatusPositions)
    _guess_keys: list[tuple[tuple[KeyRecord, ...], bytes]] = field(default_factory=list, repr=False)
    """The key of the guessing budget, made anew when the ring turned."""

    async def verify(
        self,
        caller: Caller,
        question: Question,
        correlation_id: str,
        repetition: Repetition | None = None,
        finish: Finish = unchanged,
        beside: Mapping[str, object] | None = None,
    ) -> bytes:
        """The answer to a question, committed before it is returned.

        `beside` is what else was found, without looking at the record; it goes into the answer and the receipt.

        Raises:
            Refusal: the question may not be asked, or its Idempotency-Key belongs to another one.
            Problem: 503, the database is away or too many ask the same at once; nothing was written.
        """
        permitted = permit(caller, question, self.catalogue, self.clock())
        self.ring.reload_if_changed()
        for _ in range(ATTEMPTS):
            if repetition is not None:
                kept = await self.trips.recall(repetition.key, self.clock())
                if kept is not None and (said := repetition.recalled(kept, self.ring)) is not None:
                    return said
            answer = await self._answer_once(
                permitted, caller, correlation_id, repetition, finish, beside or {}
            )
            if answer is not None:
                return answer
        raise Problem(503, "busy", headers={"Retry-After": str(RETRY_AFTER)})

    async def _answer_once(
        self,
        permitted: Permitted,
        caller: Caller,
        correlation_id: str,
        repetition: Repetition | None,
        finish: Finish,
        beside: Mapping[str, object],
    ) -> bytes | None:
        """Load, decide, sign, commit; None when somebody else's commit made the decision stale."""
        now = self.clock()
        question, budget = permitted.question, self.policy.budget
        tries = tries_of(
            client_id=caller.client_id,
            number=question.number,
            is_self=permitted.is_self,
            values=permitted.values,
            window_start=budget.window_start(now),
            keyed_hash=self._guess_hash(),
        )
        parts = parts_of(permitted.values, CLAIM_PARTS)
        facts = await self.trips.load(Wanted(permitted.numbers, parts, keys_of(tries)))
        if permitted.needs_past:
            facts = await self.trips.with_past(facts)
        stamp = self._stamp(now, len(permitted.numbers), correlation_id)
        decision = decide(permitted, caller, facts, tries, stamp, self.policy)
        position = await self.positions.take(self.database)
        signer = self.ring.signer(KeyPurpose.RECEIPT)
        text = pseudonym_text(caller, decision, question.number)
        claims = receipt_claims(
            decision,
            issuer=self.issuer,
            caller=caller,
            context=question.context,
            stamp=stamp,
            pseudonym=self.ring.lookup_hash("registry.receipt-subject", text).hex(),
            position=position,
        )
        receipt = signer.sign({**claims, **beside}, typ=RECEIPT_TYPE)
        document = answer_document(decision, context=question.context, stamp=stamp, receipt=receipt)
        document.update(beside)
        body = orjson.dumps(finish(decision, document))
        row = ReceiptRow(
            receipt_id=stamp.receipt_id,
            subject_id=decision.entries[0].subject_id,
            client_id=caller.client_id,
            issued_at=now,
            expires_at=now + RECEIPTS_KEPT,
            key_id=signer.kid,
            digest=hashlib.sha256(receipt.encode("ascii")).digest(),
            status_position=position,
        )
        first, *others = decision.entries
        records = (AccessRecord(first, row, decision.spends), *(AccessRecord(each) for each in others))
        remembered = None if repetition is None else repetition.kept(body, self.ring, now)
        return body if await self.trips.commit(Leaving(records, remembered)) else None

    async def release(self, caller: Caller, wanted: Release, correlation_id: str) -> dict[str, object]:
        """The values of a release, logged before they are returned.

        Raises:
            Refusal: `person-unknown`.
            Problem: 503, the database is away; nothing left.
        """
        now = self.clock()
        if HOUSEHOLD in wanted.fields:
            async with self.database.pool() as pool:
                facts = await load_with_household(pool, wanted.number)
        else:
            facts = await self.trips.load(Wanted([wanted.number], parts_of(wanted.fields, FIELD_PARTS)))
        stamp = self._stamp(now, people_in(wanted, facts), correlation_id)
        values, entries = release(wanted, caller, facts, stamp)
        await self.trips.commit(Leaving(tuple(AccessRecord(entry) for entry in entries)))
        return {
            "release_id": str(entries[0].entry_id),
            "released_at": now.isoformat(),
            "values": values,
        }

    def _guess_hash(self) -> Callable[[str], bytes]:
        """The keyed hash of guesses: BLAKE2b under a key derived from the ring, far cheaper than HMAC for each."""
        if not self._guess_keys or self._guess_keys[0][0] is not self.ring.records:
            key = self.ring.lookup_hash("registry.guess", "key of the guessing budget")
            self._guess_keys[:] = [(self.ring.records, key)]
        key = self._guess_keys[0][1]
        return lambda text: hashlib.blake2b(text.encode(), digest_size=32, key=key).digest()

    @staticmethod
    def _stamp(now: datetime, rows: int, correlation_id: str) -> Stamp:
        receipt, *entries = time_ordered_ids(now, token_bytes((rows + 1) * RANDOM_BYTES))
        return Stamp(now, uuid4(), receipt, tuple(entries), correlation_id)

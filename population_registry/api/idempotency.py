"""Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): the same key and body get the same answer."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

from keys import KeyRing, SealBroken
from population_registry.storage.recording import RememberedAnswer
from population_registry.verification.asking import Caller
from population_registry.verification.refusals import Refusal, RefusalCode, malformed

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body within a day get the same answer; another body is refused",
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9._:-]{8,128}$"},
}
"""The header in the OpenAPI document of whatever takes it."""
_KEY = re.compile(r'"?[A-Za-z0-9._:\-]{8,128}"?', re.ASCII)


@dataclass(frozen=True, slots=True)
class Repetition:
    """A request under a key: keyed hashes of caller and key, and of the whole request."""

    key: bytes
    request: bytes

    def recalled(self, kept: RememberedAnswer, ring: KeyRing) -> bytes | None:
        """The answer given before; None when its seal can no longer be opened.

        Raises:
            Refusal: `idempotency-key-reused`, when the key was used for another request.
        """
        if kept.request != self.request:
            raise Refusal(RefusalCode.IDEMPOTENCY_KEY_REUSED)
        try:
            return ring.sealer("registry.idempotent-answer").open(kept.answer, self.key.hex())
        except SealBroken:
            return None

    def kept(self, answer: bytes, ring: KeyRing, now: datetime) -> RememberedAnswer:
        """The answer to remember, sealed."""
        sealed = ring.sealer("registry.idempotent-answer").seal(answer, self.key.hex())
        return RememberedAnswer(self.key, self.request, sealed, now)


def repetition_of(request: Request, caller: Caller, body: bytes, ring: KeyRing) -> Repetition | None:
    """The key of a request; None without the header.

    A key belongs to the client and the person of its token, so nobody meets another's answer.

    Raises:
        Refusal: `invalid-request` at `Idempotency-Key`.
    """
    values = request.headers.getlist("idempotency-key")
    if not values:
        return None
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise malformed("Idempotency-Key")
    whose = f"{caller.client_id}|{caller.person_number or ''}|{values[0].strip(chr(34))}"
    digest = hashlib.sha256(body).hexdigest()
    return Repetition(
        ring.lookup_hash("registry.idempotency-key", whose),
        ring.lookup_hash("registry.idempotent-request", f"{request.url.path}|{digest}"),
    )

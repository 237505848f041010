"""What ``/authorize`` and ``/continue`` decide: one rule, run again after every step of the person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.outcomes import AuthorizationOutcome
from idp.domain.policy import Policy
from idp.protocol.parameters import Parameters


@dataclass(frozen=True, slots=True)
class AuthorizationQuery:
    """One visit of a browser.

    ``session_cookie`` and ``interaction_cookie`` are the cookies' texts, None when absent. ``hint`` holds the
    claims of an ``id_token_hint`` whose signature is ours, None when it is not; ``interaction_id`` is set at
    ``/continue``, where ``parameters`` are ignored and the stored request counts.
    """

    parameters: Parameters
    session_cookie: str | None = field(default=None, repr=False)
    interaction_cookie: str | None = field(default=None, repr=False)
    hint: Mapping[str, object] | None = None
    interaction_id: str | None = None
    locale: str = "vi"

    @property
    def needs(self) -> Needs:
        """The facts that this visit must be judged by."""
        return Needs(
            client_id=None if self.interaction_id else self.parameters.get("client_id"),
            session_digest=digest(self.session_cookie),
            account_of_session=True,
            interaction_id=self.interaction_id,
            client_of_interaction=self.interaction_id is not None,
        )


def digest(secret: str | None) -> bytes | None:
    """SHA-256 of a cookie's text; None for none."""
    return hashlib.sha256(secret.encode()).digest() if secret else None


def decide(query: AuthorizationQuery, facts: Facts, policy: Policy) -> Decision[AuthorizationOutcome]:
    """A redirect back to the client, a step for the person, or a page that explains why neither is possible."""
    raise NotImplementedError

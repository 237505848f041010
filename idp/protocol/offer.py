"""What the provider has to offer: from it each module of the table says its part of the metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.domain.policy import Policy
from keys import KeyPurpose


@dataclass(frozen=True, slots=True)
class Offer:
    """What the metadata depends on besides the rules: the policy, and the algorithms of the keys in service."""

    policy: Policy
    algorithms: Mapping[KeyPurpose, tuple[str, ...]] = field(default_factory=dict)

    def at(self, path: str) -> str:
        """The address of an endpoint."""
        return self.policy.issuer + path

    def of(self, purpose: KeyPurpose) -> list[str]:
        """The algorithms of this purpose's keys; empty when the ring has none."""
        return sorted(self.algorithms.get(purpose, ()))

"""A consent given on the phone: signed by its key, after its PIN, and attested for the population registry.

Decree 154/2024 as amended by 58/2026 Art. 4(5). The phone signs the statement (dossier, procedure, place,
capacities); what it means is the registry's to judge, which wrote it. The provider adds what only it knows: whose
phone that is. The attestation (``typ`` ``eid-consent+jwt``) carries the phone's own signature and public key, so that
both can be checked for as long as the consent matters.
"""

from dataclasses import dataclass, field
from typing import Final

from idp.accounts.device_acts import DeviceRefused, SignedAct, jwk_of
from idp.accounts.pin_checks import right_pin
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy

TYP: Final = "eid-consent+jwt"
LEVEL: Final = 2


@dataclass(frozen=True, slots=True)
class Agree:
    """A statement whose PIN was right; ``against`` is the hash that it was checked with."""

    act: SignedAct
    statement: dict[str, object] = field(repr=False)
    against: str = field(repr=False)

    @property
    def needs(self) -> Needs:
        """The device and its account."""
        return Needs(device_id=self.act.device_id, replay=(self.act.replay,))


def statement_in(act: SignedAct) -> dict[str, object]:
    """What the phone signed to agree to. Raises DeviceRefused."""
    statement = act.claims.get("context")
    if not isinstance(statement, dict) or statement.get("given") is not True or not statement.get("dossier"):
        raise DeviceRefused("malformed", 400)
    return statement


def agree(asked: Agree, facts: Facts, policy: Policy) -> Decision[dict[str, object]]:
    """The claims of the attestation, for the registry alone; noted in the person's history. Raises DeviceRefused."""
    device, account, used = right_pin(asked.act, asked.against, facts, policy)
    if account.level < LEVEL:
        raise DeviceRefused("stronger_needed")
    claims: dict[str, object] = {
        "iss": policy.issuer,
        "aud": policy.registry_audience,
        "iat": facts.now,
        "jti": facts.fresh.jti,
        "number": account.personal_number,
        "statement": asked.statement,
        "act": asked.act.text,
        "jwk": jwk_of(device.x, device.y) | {"kid": device.device_id},
    }
    return Decision(claims, (used,), (AuditEvent(AuditKind.CONSENT_SIGNED, account.account_id),))

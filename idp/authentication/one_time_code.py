"""One-time codes by e-mail: six digits, five minutes, five tries, kept only as a keyed hash in the interaction."""

import hashlib
import hmac
from dataclasses import replace

from idp.authentication.throttling import single_use
from idp.domain.facts import Facts
from idp.domain.needs import ReplayKey
from idp.domain.policy import Policy
from idp.domain.session import Interaction
from idp.domain.writes import SendMail, SpendOnce

TEMPLATE = "one_time_code"
OWN_NAME = "Định Danh"
"""What the mail names when no relying party asked."""


def code_hash(code: str, interaction: Interaction, policy: Policy) -> bytes:
    """Bound to its interaction and account: a code of one mail opens no other sign-in and proves nobody else."""
    text = f"one-time-code|{interaction.interaction_id}|{interaction.account_id or ''}|{code}".encode()
    return hmac.new(policy.pairwise_salt, text, hashlib.sha256).digest()


def issue(
    interaction: Interaction, email: str, facts: Facts, policy: Policy, *, service: str
) -> tuple[Interaction, SendMail]:
    """A fresh code: the interaction that remembers its hash (an earlier code dies), and the mail that carries it.

    The interaction must name the account whose ``email`` it is.
    """
    code = facts.fresh.one_time_code
    changed = replace(
        interaction,
        otp_hash=code_hash(code, interaction, policy),
        otp_expires_at=facts.now + policy.otp_lifetime,
    )
    values = (("code", code), ("minutes", str(policy.otp_lifetime // 60)), ("service", service or OWN_NAME))
    return changed, SendMail(email, TEMPLATE, interaction.locale, values)


def is_right(code: str, interaction: Interaction, now: int, policy: Policy) -> bool:
    """True for the last code sent in this interaction, within its life; compared in constant time."""
    given = code_hash(code, interaction, policy)
    return (
        interaction.otp_hash is not None
        and hmac.compare_digest(given, interaction.otp_hash)
        and now < interaction.otp_expires_at
    )


def spent_code(interaction_id: str, code: str) -> ReplayKey:
    """What a used code of an interaction is remembered under."""
    return single_use("otp", interaction_id, code)


def spend(interaction: Interaction, code: str, policy: Policy) -> SpendOnce:
    """The claim of this code, so that of two parallel right answers one wins."""
    ends = interaction.otp_expires_at
    return SpendOnce(spent_code(interaction.interaction_id, code), ends, issued_at=ends - policy.otp_lifetime)


def masked_address(email: str) -> str:
    """The address as a reminder to its owner: first letter and domain."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"

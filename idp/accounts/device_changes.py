"""What becomes true, and who is told, when a person's phones change."""

from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts
from idp.domain.writes import RemoveDevice, SendMail, Write


def told(account: Account, facts: Facts, template: str, name: str) -> tuple[SendMail, ...]:
    """A mail, so that nobody's phones change unnoticed."""
    if facts.credentials is None or facts.credentials.email is None:
        return ()
    return (SendMail(facts.credentials.email, template, account.locale, (("name", name),)),)


def removal(
    device: DeviceKey, account: Account, facts: Facts, reason: str | None = None
) -> tuple[tuple[Write, ...], tuple[AuditEvent, ...]]:
    """What becomes true when a phone is forgotten."""
    writes: tuple[Write, ...] = (
        RemoveDevice(account.account_id, device.device_id),
        *told(account, facts, "device_removed", device.name),
    )
    return writes, (AuditEvent(AuditKind.DEVICE_REMOVED, account.account_id, reason=reason),)

"""What becomes true, and who is told, when a person's phones change."""

from idp.accounts.telling import told
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts
from idp.domain.writes import RemoveDevice, Write


def removal(
    device: DeviceKey, account: Account, facts: Facts, reason: str | None = None
) -> tuple[tuple[Write, ...], tuple[AuditEvent, ...]]:
    """What becomes true when a phone is forgotten."""
    writes: tuple[Write, ...] = (
        RemoveDevice(account.account_id, device.device_id),
        *told(account, facts.credentials, "device_removed", ("name", device.name)),
    )
    return writes, (AuditEvent(AuditKind.DEVICE_REMOVED, account.account_id, reason=reason),)

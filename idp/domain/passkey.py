"""A passkey: a public key credential of Web Authentication Level 3, as the provider keeps it."""

from dataclasses import field

from idp.domain.values import frozen


@frozen
class Passkey:
    """One credential of one account. Times in epoch seconds; ``last_used_at`` 0: never used yet.

    ``user_handle`` is random and the same for every passkey of the account; it says nothing about the person.
    ``backup_eligible``: the key may leave its device (a synchronised passkey); ``backed_up``: it has. ``hardware``:
    its maker attested, under a certificate that this deployment trusts, that the key lives in hardware.
    """

    credential_id: bytes
    account_id: str
    user_handle: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    name: str = field(repr=False)
    created_at: int
    sign_count: int = 0
    last_used_at: int = 0
    backup_eligible: bool = False
    backed_up: bool = False
    hardware: bool = False
    aaguid: str = ""
    transports: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """What using it proves, as ``amr`` values (RFC 8176; ``pop``: EAP ACR Values 1.0, section 3).

        Nobody can say of a key that stays in its device without attestation whether hardware holds it: it is ``pop``
        alone. ``user``: somebody touched the device; ``mfa``: the device verified who.
        """
        if self.hardware and not self.backup_eligible:
            return ("hwk", "pop", "user", "mfa")
        return ("swk", "pop", "user", "mfa") if self.backup_eligible else ("pop", "user", "mfa")

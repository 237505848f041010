"""A device key: what the e-ID app on one phone holds, as the provider keeps it."""

from dataclasses import field

from idp.domain.values import frozen


@frozen
class DeviceKey:
    """One registered phone of one account. Times in epoch seconds; ``last_used_at`` 0: never used yet.

    ``device_id`` is the RFC 7638 thumbprint of the key, so a key belongs to one account and is registered once. The
    private half never leaves the phone's browser. ``pin_hash`` is argon2id in PHC form: the PIN is the second factor
    and is known to the person alone, never kept on the phone. ``tries`` counts wrong PINs since the last right one.
    """

    device_id: str
    account_id: str
    x: bytes = field(repr=False)
    y: bytes = field(repr=False)
    name: str = field(repr=False)
    pin_hash: str = field(repr=False)
    created_at: int
    last_used_at: int = 0
    tries: int = 0
    tried_at: int = 0


METHODS: tuple[str, str] = ("swk", "pin")
"""What an approval proves, as ``amr`` values (RFC 8176): a key kept by software, and a PIN that the provider checked.

Never ``pop``: what one screen shows and another device approves can be relayed, so it is no ``phr``.
"""

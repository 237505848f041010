"""The two ways in which a fetch ends badly. Neither text ever leaves this service."""

from typing import Final


class EgressRefused(Exception):
    """We do not go there, or do not take what came; asking again changes nothing.

    `reason` is one of: url, scheme, port, host, address, redirect, encoding, content_type, size.
    """

    def __init__(self, reason: str) -> None:
        self.reason: Final = reason
        super().__init__(reason)


class EgressFailed(Exception):
    """The other side did not answer, or not usefully; later it may.

    `reason` is one of: timeout, network, json, keys, or `status` with its number.
    """

    def __init__(self, reason: str) -> None:
        self.reason: Final = reason
        super().__init__(reason)

"""Egress: the one way out to addresses that somebody else chose (decision 0007).

`Egress` fetches and posts within an `EgressPolicy`; `read_target` is the same judgement of an address for
registration, without I/O.
"""

from web.egress.client import JSON_TYPES, REQUEST_OBJECT_TYPES, Egress, Fetched, Posted
from web.egress.errors import EgressFailed, EgressRefused
from web.egress.policy import LOOPBACK, AllowedOrigin, EgressPolicy
from web.egress.targets import Target, read_target

__all__ = [
    "JSON_TYPES",
    "LOOPBACK",
    "REQUEST_OBJECT_TYPES",
    "AllowedOrigin",
    "Egress",
    "EgressFailed",
    "EgressPolicy",
    "EgressRefused",
    "Fetched",
    "Posted",
    "Target",
    "read_target",
]

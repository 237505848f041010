"""Authentication context classes: account level and authentication level, a partial order.

Source: eid-accounts.md section 6 of the domain facts, Decree 69/2024 Art. 20.
"""

import re

_ACR = re.compile(r"urn:example:vn:acr:l([1-9])-a([1-9])", re.ASCII)


def acr_satisfies(held: str | None, wanted: str) -> bool:
    """Whether `held` reaches both levels of `wanted`; an unknown or missing class reaches nothing.

    Raises:
        ValueError: `wanted` is no class (a mistake in the catalogue, not of a caller).
    """
    want = _ACR.fullmatch(wanted)
    if want is None:
        raise ValueError("the catalogue names an unknown authentication context class")
    have = _ACR.fullmatch(held or "")
    return have is not None and have[1] >= want[1] and have[2] >= want[2]

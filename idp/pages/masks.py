"""Values as a reminder to their owner, not as a disclosure to whoever looks over their shoulder."""

from collections.abc import Callable, Mapping

from idp.authentication.one_time_code import masked_address


def masked_claim(claim: str, value: object) -> str:
    """A claim's value with most of it hidden; empty when there is none."""
    if isinstance(value, Mapping):
        value = value.get("text") or value.get("formatted")
    if not isinstance(value, str) or not value.strip():
        return ""
    kind = "address" if claim.startswith("address") else claim
    return _MASKS.get(kind, _words)(value.strip())


def _address(value: str) -> str:
    parts = [part.strip() for part in value.split(",")]
    return ", ".join(["•••", *parts[-2:]]) if len(parts) > 1 else "•••"


def _digits(value: str) -> str:
    return "•" * 6 + value[-3:]


def _words(value: str) -> str:
    """The first letter of each word; a person's given name, which stands last, in full."""
    *others, last = value.split()
    return " ".join([*(word[0] + "•••" for word in others), last])


_MASKS: Mapping[str, Callable[[str], str]] = {
    "gender": str,
    "email": masked_address,
    "birthdate": lambda value: f"••/••/{value[:4]}",
    "address": _address,
    "phone_number": _digits,
    "cmnd9": _digits,
    "family_name": lambda value: value[0] + "•••",
}

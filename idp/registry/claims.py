"""The registry's fields as OpenID claims (OIDC Core section 5.1; domain facts: e-ID accounts, section 7)."""

from collections.abc import Mapping
from typing import Any, Final

FIELDS: Final = (
    *("number", "name", "birth_date", "sex", "alive", "old_numbers"),
    *("permanent_address", "temporary_address", "current_address", "card"),
)
"""What the provider asks for, under the procedure ``eid.profile``."""

_FULL_DATE: Final = len("yyyy-mm-dd")


def openid_claims(values: Mapping[str, Any], updated_at: int) -> dict[str, object] | None:
    """Claims of a person for their own account; None when the registry says that the person is dead."""
    if not values.get("alive", False):
        return None
    name = values["name"]
    claims: dict[str, object] = {
        "name": name["full"],
        "family_name": name["family"],
        "middle_name": name["middle"],
        "given_name": name["given"],
        "birthdate": _birthdate(values["birth_date"]),
        "gender": values["sex"],
        "updated_at": updated_at,
    }
    kinds = ("permanent", "temporary", "current")
    addresses = {kind: values.get(f"{kind}_address") for kind in kinds}
    for kind, address in addresses.items():
        if address is not None:
            claims[f"address_{kind}"] = _address(address)
    lives_at = next((address for address in addresses.values() if address is not None), None)
    if lives_at is not None:
        claims["address"] = _address(lives_at)
    card = values.get("card")
    if card is not None:
        claims["registry_card"] = {name: card[name] for name in ("kind", "issued", "expires")}
    if values.get("old_numbers"):
        claims["cmnd9"] = values["old_numbers"][0]
    return {claim: value for claim, value in claims.items() if value is not None and value != ""}


def _birthdate(text: str) -> str:
    """A whole date, or the year alone: section 5.1 knows no month without a day."""
    return text if len(text) == _FULL_DATE else text[:4]


def _address(address: Mapping[str, Any]) -> dict[str, str]:
    """Section 5.1.1, with the commune's code of the present list beside it."""
    return {"formatted": address["text"], "commune_code": address["commune_code"], "country": "VN"}

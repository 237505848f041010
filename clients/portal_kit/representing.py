"""Acting for a dependant (RFC 8693): whom somebody may act for here, and the token of minutes to do it with.

The provider asks the registry each time a token is wanted, and the registry looks again at every use; what a session
keeps is only a choice. See ``docs/representation.md``.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from clients.dpop import HeldToken
from clients.relying_party import Details, RelyingParty

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind
DEPENDANT: Final = "urn:example:vn:params:oauth:token-type:dependant"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
SCOPE: Final = "representation"
FILE: Final = "pid registry:dossiers"
USE: Final = "pid registry:dossiers registry:release"
OK: Final = 200


class NotDone(Exception):
    """The provider says no: ``code`` is an OAuth error code or one of the provider's own (409)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Dependant:
    """Somebody for whom the signed-in person may act here; ``until`` as RFC 3339, None without a birthday.

    ``scope``: what a representative may do today; from the 14th birthday on nothing of the record is released.
    """

    subject: str
    name: str
    basis: str
    until: str | None
    scope: str = FILE
    number: str = field(default="", repr=False)
    born: str = field(default="", repr=False)

    @property
    def releases(self) -> bool:
        """Whether the dependant's own record may fill in forms."""
        return "registry:release" in self.scope.split()

    def over(self, now: datetime) -> bool:
        """Whether the birthday has come that ends today's right."""
        return self.until is not None and datetime.fromisoformat(self.until) <= now

    @property
    def known(self) -> Mapping[str, Any]:
        """What is known of them without their record: what the representative named them by."""
        return {"number": self.number, "name": {"full": self.name}, "birth_date": self.born}


@dataclass(frozen=True, slots=True)
class ActingToken:
    """A token for a dependant, and when it ends, in epoch seconds."""

    held: HeldToken
    expires_at: int


async def dependants_of(party: RelyingParty, guardian: HeldToken) -> tuple[Dependant, ...]:
    """Whom the person may act for here, by the clock of now. Raises `NotDone`, ``SignInFailed``."""
    answer = await sent(party, "/eid/v1/dependants", acting(guardian), guardian)
    return tuple(
        Dependant(
            str(each["sub"]),
            str(each["name"]),
            str(each["basis"]),
            each.get("until"),
            str(each.get("scope", FILE)),
            str(each.get("pid", "")),
            str(each.get("birthdate", "")),
        )
        for each in answer["dependants"]
    )


async def token_for(
    party: RelyingParty, guardian: HeldToken, subject: str, resource: str, scope: str, details: Details
) -> ActingToken:
    """A token to act for them; the registry is asked by the provider this moment. Raises as `dependants_of`."""
    form = {
        "grant_type": EXCHANGE,
        "subject_token": subject,
        "subject_token_type": DEPENDANT,
        "resource": resource,
        "scope": scope,
        **({"authorization_details": json.dumps(list(details))} if details else {}),
        **acting(guardian),
    }
    answer = await sent(party, "token_endpoint", form, guardian)
    ends = int(time.time()) + int(answer.get("expires_in", 0))
    return ActingToken(HeldToken(str(answer["access_token"]), guardian.key), ends)


async def sent(
    party: RelyingParty, endpoint: str, form: Mapping[str, str], guardian: HeldToken | None = None
) -> Mapping[str, Any]:
    """The provider's yes, with a proof of the actor's key where their token is bound. Raises `NotDone`."""
    status, answer = await party.post(endpoint, form, key=None if guardian is None else guardian.key)
    if status != OK:
        raise NotDone(str(answer.get("error", "server_error")))
    return answer


def acting(held: HeldToken) -> dict[str, str]:
    """RFC 8693 2.1: whoever acts."""
    return {"actor_token": held.token, "actor_token_type": ACCESS_TOKEN}

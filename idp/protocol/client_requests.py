"""What the token, introspection and revocation endpoints have in common: a client speaks, by a form."""

from __future__ import annotations

from dataclasses import field
from typing import Final

from idp.domain.errors import ProtocolError
from idp.domain.needs import Needs
from idp.domain.networks import network_of
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, Write
from idp.protocol.errors import BASIC_CHALLENGE, refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import POST, Presented

WINDOW: Final = 60
MAX_NAME: Final = 128
MOST_FAILURES: Final = 20
"""Wrong client secrets within :data:`WINDOW` seconds, per client and address, before we slow down."""


@frozen
class ClientRequest:
    """One request of a client. ``address`` is where it comes from, for throttling only."""

    parameters: Parameters
    presented: Presented
    address: str = field(default="", repr=False)

    @property
    def bucket(self) -> str:
        """The throttle of this client at this address: nobody else's failures count here (CVE-2026-19607)."""
        # Stores keep a keyed hash of the name, never the address itself.
        return f"client-auth:{network_of(self.address)}|{(self.presented.client_id or '')[:MAX_NAME]}"


def needs(
    request: ClientRequest, grant_id: str | None, *, account: bool, access: bytes | None = None
) -> Needs:
    """The facts to judge a client and the grant it speaks of."""
    replay, shown = request.presented.replay, request.presented.shown
    return Needs(
        client_id=request.presented.client_id,
        grant_id=grant_id,
        access_digest=access,
        account_of_grant=account and grant_id is not None,
        replay=(replay, *shown.replay) if replay else shown.replay,
        throttles=(request.bucket,),
        client_keys_for=keys_for(request.presented),
    )


def keys_for(presented: Presented) -> tuple[str, ...] | None:
    """What the client's published keys are needed for: its assertion, or its self-signed certificate."""
    if presented.assertion:
        return (presented.assertion,)
    return None if presented.shown.certificate is None else ()


def failed_guess(request: ClientRequest, error: ProtocolError) -> tuple[Write, ...]:
    """The count of a guessed secret. Signatures cannot be guessed, and public clients have nothing to guess."""
    guessed = request.presented.basic or request.presented.method == POST
    if error.code != "invalid_client" or not guessed:
        return ()
    # With its limit: parallel guesses cannot outrun it; what loses is judged again and told to slow down.
    return (CountAttempt(request.bucket, WINDOW, MOST_FAILURES),)


def challenged(error: ProtocolError) -> ProtocolError:
    """The error; a 401 comes with the challenge that every 401 needs."""
    # RFC 6749 5.2: "If the client attempted to authenticate via the "Authorization" request header field, the
    # authorization server MUST respond with an HTTP 401 ... and include the "WWW-Authenticate" response header".
    # RFC 9110 15.5.2: "The server generating a 401 response MUST send a WWW-Authenticate header field ... containing
    # at least one challenge", so whoever tried another method, or none, gets it too.
    if error.code == "invalid_client":
        error.challenge = BASIC_CHALLENGE
    return error


def too_many() -> ProtocolError:
    """429 (RFC 6585 section 4): more than anybody needs."""
    error = refusal("slow_down")
    error.status = 429
    return error

"""OAuth 2.0 Dynamic Client Registration Management Protocol.

https://www.rfc-editor.org/rfc/rfc7592 (with OpenID Connect Dynamic Client Registration 1.0, section 4)
Implemented: 2.1 (read), 2.2 (update, the whole registration at once), 2.3 (delete), 3 (answer).
Left out: 1.2 rotation of the registration access token (the server MAY; a lost answer would lock the client out).
Builds on no Authlib class: Authlib's endpoint keeps what an update leaves out.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any, Final

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client, PartyKind
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, DeleteClient, SaveClient
from idp.protocol.errors import refusal
from idp.protocol.rfc6749_framework.authentication import CLIENT_SECRET_JWT, check_secret
from idp.protocol.rfc6750_bearer import refused as bearer_refused
from idp.protocol.rfc7591_registration import deciding, sectors
from idp.protocol.rfc7591_registration.consistency import SHARED
from idp.protocol.rfc7591_registration.deciding import WINDOW, RegistrationRequest, not_too_often, token_hash
from idp.protocol.rfc7591_registration.documents import ClientInformation, information
from idp.protocol.rfc7591_registration.refusals import refused
from idp.protocol.rfc7591_registration.sectors import AskSector

# 2.2: "The updated client metadata fields request MUST NOT include the "registration_access_token",
# "registration_client_uri", "client_secret_expires_at", or "client_id_issued_at" fields".
SERVERS_OWN: Final = frozenset(
    {
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    }
)
ORDER: Final = (None, "security", "message_signing")


@frozen
class Deleted:
    """2.3: "the authorization server MUST respond with an HTTP 204 No Content message"."""


Outcome = ClientInformation | AskSector | Deleted | ProtocolError


@frozen
class ManagementRequest(RegistrationRequest):
    """A request to the configuration endpoint of ``client_id``; ``method`` is GET, PUT or DELETE."""

    client_id: str = ""
    method: str = "GET"

    @property
    def needs(self) -> Needs:
        """The client and the throttle."""
        return Needs(client_id=self.client_id, throttles=(self.bucket,))


def decide(request: ManagementRequest, facts: Facts, policy: Policy) -> Decision[Outcome]:
    """The client's information, its end, or a refusal."""
    try:
        client = proven(request, facts)
        if request.method == "GET":
            return Decision(information(client, policy, request.token or ""))
        if request.method == "DELETE":
            event = AuditEvent(AuditKind.CLIENT_DELETED, client_id=client.client_id)
            write = DeleteClient(client.client_id, client.registration_token_hash or b"")
            return Decision(Deleted(), (write,), (event,))
        not_too_often(facts, request.bucket, policy)
    except ProtocolError as error:
        return Decision(error)
    return updated(request, client, facts, policy)


def proven(request: ManagementRequest, facts: Facts) -> Client:
    """The client whose registration access token this is. Raises ProtocolError."""
    client = facts.client
    known = None if client is None else client.registration_token_hash
    given = token_hash(request.token or "")
    # 2.1: "If the client does not exist on this server, the server MUST respond with HTTP 401 Unauthorized"; a client
    # of a manifest has no such token, so nobody manages it here.
    if client is None or known is None or not hmac.compare_digest(given, known):
        raise bearer_refused("invalid_token")
    # 2.1: "If the client does not have permission to read its record, the server MUST return an HTTP 403 Forbidden."
    # A disabled client cannot read, change or re-enable itself (Keycloak CVE-2026-9705).
    if client.disabled:
        error = refusal("access_denied", description="The client is disabled")
        error.status = 403
        raise error
    return client


def updated(request: ManagementRequest, client: Client, facts: Facts, policy: Policy) -> Decision[Outcome]:
    """2.2: the registration as the document says, and nothing of what it was before but its identity."""
    limit = policy.registrations_an_hour
    count = () if request.sector is not None else (CountAttempt(request.bucket, WINDOW, limit=limit),)
    try:
        document = request.document or {}
        fields = deciding.read(request.document, request.terms)
        same_client(document, client)
        blank = Client(client.client_id, "", "", PartyKind.PRIVATE, (), issued_at=client.issued_at)
        after = deciding.filled(blank, fields, document, policy, request.terms)
        not_looser(client, after)
        after, secret = kept_secret(client, after, facts)
        after = replace(after, registration_token_hash=client.registration_token_hash)
        judged = sectors.judge(after, request.sector)
    except ProtocolError as error:
        return Decision(error, count)
    if isinstance(judged, AskSector):
        return Decision(judged, count)
    event = AuditEvent(AuditKind.CLIENT_CHANGED, client_id=client.client_id)
    write = SaveClient(judged, replaces=client.registration_token_hash)
    return Decision(
        information(judged, policy, request.token or "", secret=secret), (*count, write), (event,)
    )


def same_client(document: Any, client: Client) -> None:
    """2.2: which members an update must and must not have. Raises ProtocolError."""
    # "The client MUST include its "client_id" field in the request, and it MUST be the same as its currently issued
    # client identifier."
    if document.get("client_id") != client.client_id:
        raise refused("client_id", "another")
    for name in sorted(SERVERS_OWN.intersection(document)):
        raise refused(name, "the server's own")
    # "If the client includes the "client_secret" field in the request, the value of this field MUST match the
    # currently issued client secret for that client."
    secret = document.get("client_secret")
    if secret is not None and not (isinstance(secret, str) and is_secret(client, secret)):
        raise refused("client_secret", "another")


def is_secret(client: Client, secret: str) -> bool:
    """Whether this is the client's current secret, however it is kept."""
    if client.shared_secret is not None:
        return hmac.compare_digest(client.shared_secret, secret.encode("utf-8", "surrogatepass"))
    return check_secret(client, secret)


def not_looser(before: Client, after: Client) -> None:
    """A profile that was registered can be strengthened, never taken back. Raises ProtocolError."""
    if ORDER.index(after.fapi2_profile) < ORDER.index(before.fapi2_profile):
        raise refused("fapi2_profile", "loosened")


def kept_secret(before: Client, after: Client, facts: Facts) -> tuple[Client, str | None]:
    """The client with its secret; a new one, to be told, only where the old cannot serve the method."""
    if after.token_endpoint_auth_method not in SHARED:
        return after, None
    computes = after.token_endpoint_auth_method == CLIENT_SECRET_JWT
    if computes and before.shared_secret is not None:
        return replace(after, shared_secret=before.shared_secret), None
    if not computes and before.secret_hash is not None:
        return replace(after, secret_hash=before.secret_hash), None
    secret = facts.fresh.derived_text("client_secret")
    return deciding.with_secret(after, secret), secret

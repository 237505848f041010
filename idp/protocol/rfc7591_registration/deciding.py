"""RFC 7591 section 3: what the registration endpoint decides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Final

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client, PartyKind
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.networks import network_of
from idp.domain.policy import Policy, Registration
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, SaveClient, UseInitialAccess, Write
from idp.protocol.errors import refusal
from idp.protocol.rfc6749_framework.authentication import CLIENT_SECRET_JWT
from idp.protocol.rfc6750_bearer import refused as bearer_refused
from idp.protocol.rfc7591_registration import consistency, members, names, sectors
from idp.protocol.rfc7591_registration.consistency import CIBA, SHARED
from idp.protocol.rfc7591_registration.documents import ClientInformation, information, metadata_of
from idp.protocol.rfc7591_registration.sectors import AskSector, SectorDocument
from idp.protocol.rfc7591_registration.terms import Terms
from keys import DEFAULT_CONTENT_ENCRYPTION
from keys.compact import JWS_PARTS, parts_in

WINDOW: Final = 3_600
Document = Mapping[str, object]
Outcome = ClientInformation | AskSector | ProtocolError


@frozen
class RegistrationRequest:
    """One request as it was read. ``document`` is None when the body is no JSON object without repetition.

    ``sector`` is what was fetched from the document's ``sector_identifier_uri``, None before anybody fetched.
    """

    document: Document | None = field(repr=False)
    terms: Terms = field(repr=False)
    token: str | None = field(default=None, repr=False)
    address: str = field(default="", repr=False)
    sector: SectorDocument | None = None

    @property
    def bucket(self) -> str:
        """The throttle of this address; whoever has an IPv6 network of 64 bits has one all the same."""
        return f"registration:{network_of(self.address)}"

    @property
    def needs(self) -> Needs:
        """The throttle, the initial access token, how many have registered."""
        digest = None if self.token is None else token_hash(self.token)
        return Needs(throttles=(self.bucket,), initial_access=digest, registered_clients=True)


def token_hash(token: str) -> bytes:
    """How a token is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def decide(request: RegistrationRequest, facts: Facts, policy: Policy) -> Decision[Outcome]:
    """A registered client, a document that must be fetched first, or a refusal."""
    writes: list[Write] = []
    try:
        writes += allowed(request, facts, policy)
        # The first look counts; what was fetched for it comes back with the same request.
        if request.sector is None:
            writes.append(CountAttempt(request.bucket, WINDOW, limit=policy.registrations_an_hour))
        fields = read(request.document, request.terms)
        client = made(fields, request.document or {}, facts, policy, request.terms)
        secret = None
        if client.token_endpoint_auth_method in SHARED:
            secret = facts.fresh.derived_text("client_secret")
            client = with_secret(client, secret)
        token = facts.fresh.derived_text("registration_access_token")
        client = replace(client, registration_token_hash=token_hash(token))
        judged = sectors.judge(client, request.sector)
        if isinstance(judged, AskSector):
            # Nothing is used up before the answer is known, but the attempt counts.
            return Decision(judged, tuple(each for each in writes if isinstance(each, CountAttempt)))
    except ProtocolError as error:
        return Decision(error, tuple(each for each in writes if isinstance(each, CountAttempt)))
    writes.append(SaveClient(judged))
    event = AuditEvent(AuditKind.CLIENT_REGISTERED, client_id=judged.client_id)
    outcome = information(judged, policy, token, secret=secret, created=True)
    return Decision(outcome, tuple(writes), (event,))


def allowed(request: RegistrationRequest, facts: Facts, policy: Policy) -> list[Write]:
    """Whether this caller may register at all, and what that uses up. Raises ProtocolError."""
    not_too_often(facts, request.bucket, policy)
    if facts.registered_clients >= policy.most_registered:
        error = refusal("temporarily_unavailable")
        error.status = 503
        raise error
    if policy.registration is Registration.OPEN:
        return []
    # 3: "the authorization server MAY require an initial access token"; 3.2.2 and RFC 6750 3.1 for a wrong one.
    known = facts.initial_access
    if request.token is None or known is None or known.uses_left <= 0 or known.expires_at <= facts.now:
        raise bearer_refused("invalid_token")
    return [UseInitialAccess(token_hash(request.token), facts.now)]


def not_too_often(facts: Facts, bucket: str, policy: Policy) -> None:
    """RFC 7591 5: an open endpoint limits "the rate"; also what makes us fetch or store. Raises ProtocolError."""
    if facts.throttles.get(bucket, 0) >= policy.registrations_an_hour:
        error = refusal("slow_down", description="Too many registrations, try again later")
        error.status = 429
        raise error


def read(document: Document | None, terms: Terms) -> dict[str, Any]:
    """The fields of a document. Raises ProtocolError."""
    if document is None:
        raise refusal(
            "invalid_client_metadata", description="The body is no JSON object without repeated members"
        )
    statement = document.get("software_statement")
    if statement is not None:
        # 3.2.2: "unapproved_software_statement: The software statement presented is not approved for use by this
        # authorization server."
        whole = isinstance(statement, str) and parts_in(statement) == JWS_PARTS
        raise refusal("unapproved_software_statement" if whole else "invalid_software_statement")
    return members.read(document, terms)


def made(fields: dict[str, Any], document: Document, facts: Facts, policy: Policy, terms: Terms) -> Client:
    """A new client of these fields, without secrets. Raises ProtocolError."""
    client_id = facts.fresh.derived_text("client_id")[:22]
    blank = Client(client_id, "", "", PartyKind.PRIVATE, (), issued_at=facts.now)
    return filled(blank, fields, document, policy, terms)


def filled(blank: Client, fields: dict[str, Any], document: Document, policy: Policy, terms: Terms) -> Client:
    """``blank`` with these fields, with every default filled in, sound as a whole. Raises ProtocolError.

    Whatever the document says: a party that registered itself is private, needs consent and gets pairwise subjects.
    """
    values: dict[str, Any] = {
        **defaults(fields, policy, terms),
        **fields,
        **names.read(document, names.without_name(fields.get("redirect_uris"), blank.client_id), terms),
        "party_kind": PartyKind.PRIVATE,
        "require_consent": True,
        "require_pkce": True,
        "subject_type": "pairwise",
    }
    client = sectors.own_sector(replace(blank, **values))
    # RFC 9700 2.1.1: PKCE for all; "confidential clients ... MAY" rely on the nonce, which a demo allows, because the
    # certification of OpenID providers registers clients that know no PKCE.
    if policy.demo and not client.is_public and client.application_type == "web" and not client.fapi2_profile:
        client = replace(client, require_pkce=False)
    consistency.check(client, terms)
    return client


def sound(client: Client, terms: Terms) -> None:
    """An operator's client meets the same table and the same rules. Raises ProtocolError."""
    members.read(metadata_of(client), terms)
    consistency.check(client, terms)


def defaults(fields: Mapping[str, Any], policy: Policy, terms: Terms) -> dict[str, Any]:
    """RFC 7591 2 and OIDC Registration 2: what a member means when it is left out."""
    types = fields.get("response_types")
    grants = fields.get("grant_types")
    if grants is None:
        words = {word for kind in types or ("code",) for word in kind.split()}
        grants = {"authorization_code"} if "code" in words else set()
        grants |= {"implicit"} if words & {"token", "id_token"} else set()
    # "If omitted, the default is that the client will use only the "code" response type", if it redirects at all.
    default_types = {"code"} if "authorization_code" in grants else set()
    fapi = fields.get("fapi2_profile") is not None
    # OIDC: id_token_signed_response_alg: "The default, if omitted, is RS256."
    algorithm = "RS256" if "RS256" in terms.signing and not fapi else "ES256"
    found: dict[str, Any] = {
        "grant_types": frozenset(grants),
        "response_types": frozenset(default_types),
        "application_type": "web",
        "scopes": policy.registration_scopes,
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": algorithm,
        # Back-Channel Logout 2.2: "If omitted, the default value is false."
        "backchannel_logout_session_required": False,
        "require_pushed_authorization_requests": fapi,
    }
    for prefix in consistency.ENCRYPTED:
        if f"{prefix}_encrypted_response_alg" in fields:
            # "the default <prefix>_encrypted_response_enc value is A128CBC-HS256".
            found[f"{prefix}_encrypted_response_enc"] = DEFAULT_CONTENT_ENCRYPTION
    if "request_object_encryption_alg" in fields:
        found["request_object_encryption_enc"] = DEFAULT_CONTENT_ENCRYPTION
    if CIBA in grants and not fields.get("backchannel_user_code_parameter"):
        found["backchannel_user_code_parameter"] = False
    return found


def with_secret(client: Client, secret: str) -> Client:
    """The client with a secret of its own: its hash, or itself where the method computes with it."""
    if client.token_endpoint_auth_method == CLIENT_SECRET_JWT:
        return replace(client, shared_secret=secret.encode("ascii"), secret_hash=None)
    return replace(client, secret_hash=token_hash(secret), shared_secret=None)

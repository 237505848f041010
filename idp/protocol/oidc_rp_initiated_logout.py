"""OpenID Connect RP-Initiated Logout 1.0.

https://openid.net/specs/openid-connect-rpinitiated-1_0.html
Implemented: 2 (request), 3 (redirection afterwards), 4 (errors), 6 (confirmation against denial of service);
logout_hint is carried on without effect: 2 leaves its meaning to the provider, and here only a signed ID token says
who is meant. Left out: waiting for back-channel notices before the redirection (3); they are queued, and retried.
Builds on no Authlib class: EndSessionEndpoint ends the session while it decides and rewrites a registered query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from idp.domain import paths
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.outcomes import ConfirmSignOut, SignedOut, SignOutOutcome
from idp.domain.policy import Policy
from idp.domain.writes import EndSession, NotifyLogout, Write
from idp.protocol import oidc_frontchannel_logout, oidc_pairwise
from idp.protocol.offer import Offer
from idp.protocol.parameters import Parameters


@dataclass(frozen=True, slots=True)
class SignOutRequest:
    """``hint``: claims of an ID token whose signature is ours, of any age; ``confirmed``: the person said yes.

    ``backchannel`` and ``frontchannel`` map client ids to registered logout addresses (filled by the endpoint from
    the client snapshot).
    """

    parameters: Parameters
    session_digest: bytes | None = None
    hint: Mapping[str, object] | None = None
    confirmed: bool = False
    backchannel: Mapping[str, str] = field(default_factory=dict)
    frontchannel: Mapping[str, str] = field(default_factory=dict)

    @property
    def client_id(self) -> str | None:
        """Who asks, by its own word or by the hint's audience."""
        audience = self.hint.get("aud") if self.hint else None
        return self.parameters.get("client_id") or (audience if isinstance(audience, str) else None)

    @property
    def needs(self) -> Needs:
        """The client, the session and who took part in it."""
        return Needs(
            client_id=self.client_id,
            session_digest=self.session_digest,
            account_of_session=True,
            participants=True,
        )


def decide(request: SignOutRequest, facts: Facts, policy: Policy) -> Decision[SignOutOutcome]:
    """Sign out, ask first, or refuse."""
    parameters = request.parameters
    if parameters.broken or parameters.repeated:
        return Decision(PageProblem("request_malformed"))
    client = facts.client if facts.client is not None and not facts.client.disabled else None
    # 2: "When an id_token_hint parameter is present, the OP MUST validate that it was the issuer"; 4: "any operations
    # requiring the information that failed to correctly validate MUST be aborted": no redirection either.
    if "id_token_hint" in parameters and request.hint is None:
        client = None
    # 2: "When both client_id and id_token_hint are present, the OP MUST verify that the Client Identifier matches".
    if request.hint is not None and (client is None or request.hint.get("aud") != client.client_id):
        client = None
    back = way_back(parameters, client, policy)
    session = facts.session
    if session is None:
        return Decision(SignedOut(back))
    # 2: "the OP MUST ask the End-User this question if an id_token_hint was not provided or if the supplied ID Token
    # does not belong to the current OP session with the RP and/or currently logged in End-User."
    if not request.confirmed and not (client is not None and is_about(request.hint, client, facts, policy)):
        return Decision(confirmation(client, back))
    writes: list[Write] = []
    if request.session_digest is not None:
        writes.append(EndSession(request.session_digest, session.session_id))
    writes += notices(request, facts, policy)
    event = AuditEvent(AuditKind.SIGN_OUT, session.account_id, client.client_id if client else None)
    frames = oidc_frontchannel_logout.frames(
        facts.participants, request.frontchannel, session.session_id, policy
    )
    return Decision(SignedOut(back, frames), tuple(writes), (event,))


def way_back(parameters: Parameters, client: Client | None, policy: Policy) -> str | None:
    """The address to go back to, with the state that came; None for the page that says it is over."""
    # 3: "The OP also MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied does not
    # exactly match one of the previously registered post_logout_redirect_uris values."
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None or client is None or uri not in client.post_logout_redirect_uris:
        return None
    state = parameters.get("state")
    if state is None or len(state) > policy.max_state_length:
        return uri
    joint = "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode({'state': state})}"


def is_about(hint: Mapping[str, object] | None, client: Client, facts: Facts, policy: Policy) -> bool:
    """Whether the hint names this very session, or at least its person."""
    session = facts.session
    if hint is None or session is None:
        return False
    sid = hint.get("sid")
    if isinstance(sid, str):
        return sid == oidc_pairwise.session_identifier(client.client_id, session.session_id, policy)
    return hint.get("sub") == oidc_pairwise.subject(client, session.account_id, policy)


def confirmation(client: Client | None, back: str | None) -> ConfirmSignOut:
    """The question to the person."""
    if client is None:
        return ConfirmSignOut()
    return ConfirmSignOut(client.client_id, client.name_vi, client.name_en, back)


def notices(request: SignOutRequest, facts: Facts, policy: Policy) -> list[Write]:
    """One back-channel notice for each client that took part and registered for it."""
    session = facts.session
    if session is None:
        return []
    made: dict[str, Write] = {}
    for each in facts.participants:
        uri = request.backchannel.get(each.client_id)
        if uri is not None:
            sid = oidc_pairwise.session_identifier(each.client_id, session.session_id, policy)
            made[each.client_id] = NotifyLogout(each.client_id, uri, each.subject, sid)
    return list(made.values())


def metadata(offer: Offer) -> dict[str, object]:
    """Section 2.1."""
    return {"end_session_endpoint": offer.at(paths.END_SESSION)}

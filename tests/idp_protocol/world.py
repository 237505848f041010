"""One client, one person, one clock: values that the tests of the rules change with ``replace``."""

import base64
import hashlib
from dataclasses import replace
from typing import Any

from idp.domain.account import Account, AccountStatus
from idp.domain.client import Client, PartyKind
from idp.domain.facts import Facts, Fresh
from idp.domain.grant import AccessState, CodeState, Grant, LoadedGrant, RefreshState
from idp.domain.policy import Policy
from idp.domain.session import AuthenticationEvent, Session
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read

NOW = 1_791_162_000
ISSUER = "https://dinhdanh.example"
REGISTRY = "https://registry.example"
SECRET = "s3cret-of-the-portal"
REDIRECT = "https://portal.example/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
L1A1, L2A1, L2A2, L2A3 = (f"urn:example:vn:acr:{level}" for level in ("l1-a1", "l2-a1", "l2-a2", "l2-a3"))

POLICY = Policy(issuer=ISSUER, pairwise_salt=b"salt" * 8, registry_audience=REGISTRY)
FRESH = Fresh(bytes(range(208)))
CLIENT = Client(
    client_id="portal",
    name_vi="Cổng",
    name_en="Portal",
    party_kind=PartyKind.STATE,
    redirect_uris=(REDIRECT,),
    post_logout_redirect_uris=("https://portal.example/signed-out",),
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    scopes=frozenset({"openid", "profile", "offline_access", "address"}),
    resources=frozenset({REGISTRY}),
    token_endpoint_auth_method="client_secret_basic",
    secret_hash=hashlib.sha256(SECRET.encode()).digest(),
    require_consent=False,
    sector_identifier="portal.example",
)
PUBLIC = replace(CLIENT, client_id="app", token_endpoint_auth_method="none", secret_hash=None)
ACCOUNT = Account(
    account_id="account-1",
    level=2,
    status=AccountStatus.ACTIVE,
    personal_number="097000000001",
    profile={"name": "Nguyễn Văn An", "birthdate": "1990-02-03", "gender": "male"},
    epoch=7,
)
LOCKED = replace(ACCOUNT, status=AccountStatus.LOCKED)
SESSION = Session("session-1", "account-1", (AuthenticationEvent("pwd", NOW - 100),), NOW - 100, NOW + 28_000)
STRONG = replace(
    SESSION, events=(AuthenticationEvent("pwd", NOW - 100), AuthenticationEvent("otp", NOW - 90))
)
GRANT_ID = "g" * 22
CODE = f"{GRANT_ID}.{'c' * 43}"
REFRESH = f"{GRANT_ID}.{'r' * 43}"
ACCESS = f"{GRANT_ID}.{'a' * 43}"
GRANT = Grant(
    grant_id=GRANT_ID,
    client_id="portal",
    account_id="account-1",
    subject="subject-of-the-portal",
    scopes=("openid", "profile"),
    created_at=NOW - 10,
    expires_at=NOW + 20_000,
    redirect_uri=REDIRECT,
    nonce="n-1",
    code_challenge=CHALLENGE,
    acr=L2A1,
    amr=("pwd",),
    auth_time=NOW - 100,
    session_id="session-1",
)


def sha(text: str) -> bytes:
    """How a secret is stored."""
    return hashlib.sha256(text.encode()).digest()


CODE_STATE = CodeState(sha(CODE), NOW + 50, spent=False)
REFRESH_STATE = RefreshState(sha(REFRESH), NOW + 1_000)
ACCESS_STATE = AccessState(sha(ACCESS), ("openid", "profile"), (ISSUER,), NOW - 5, NOW + 600)
LOADED = LoadedGrant(GRANT, CODE_STATE, REFRESH_STATE, ACCESS_STATE)


def facts(**changes: Any) -> Facts:
    """A signed-in person at a known client."""
    return replace(
        Facts(NOW, FRESH, client=CLIENT, account=ACCOUNT, session=SESSION, owner=CLIENT), **changes
    )


def parameters(**values: Any) -> Parameters:
    """Parameters; a list repeats one, None leaves one out."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        several = value if isinstance(value, list) else [value]
        pairs += [(name, each) for each in several if each is not None]
    return Parameters.of(pairs)


def authorize(**values: Any) -> Parameters:
    """A good authorization request."""
    return parameters(
        **{
            "response_type": "code",
            "client_id": "portal",
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": "st-1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **values,
        }
    )


def basic(client_id: str = "portal", secret: str = SECRET) -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def presented(values: Parameters, authorization: str | None = None) -> Any:
    """What a request presents as authentication."""
    return read(values, authorization)

"""What a key is for: each purpose has its own keys, its own algorithms and its own `typ`.

A token made for one purpose never verifies as another, because neither the key nor the `typ` fits
(RFC 8725 sections 3.11 and 3.12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Algorithm(StrEnum):
    """The algorithm that belongs to a key; callers can ask for a key by it, never change it.

    The JWS names are those of RFC 7518 section 3.1 and RFC 8037 section 3.1, the JWE names those of RFC 7518
    section 4.1; the last two neither sign nor decrypt tokens.
    """

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    EDDSA = "EdDSA"
    RSA_OAEP_256 = "RSA-OAEP-256"
    ECDH_ES = "ECDH-ES"
    ECDH_ES_A128KW = "ECDH-ES+A128KW"
    ECDH_ES_A256KW = "ECDH-ES+A256KW"
    A256GCM = "A256GCM"
    HS256 = "HS256"

    @property
    def signs_tokens(self) -> bool:
        """Whether the algorithm is a digital signature with a public half."""
        return self in TOKEN_ALGORITHMS

    @property
    def decrypts_tokens(self) -> bool:
        """Whether others encrypt to the public half of such a key."""
        return self in DECRYPTION_ALGORITHMS


TOKEN_ALGORITHMS = frozenset({Algorithm.ES256, Algorithm.RS256, Algorithm.PS256, Algorithm.EDDSA})

DECRYPTION_ALGORITHMS = (
    Algorithm.RSA_OAEP_256,
    Algorithm.ECDH_ES,
    Algorithm.ECDH_ES_A128KW,
    Algorithm.ECDH_ES_A256KW,
)
#: RFC 7518 section 4.1: how a content key reaches its recipient.
KEY_MANAGEMENT = tuple(algorithm.value for algorithm in DECRYPTION_ALGORITHMS)


class KeyPurpose(StrEnum):
    """Everything this house makes keys for."""

    ID_TOKEN = "id-token"  # noqa: S105 - a name, not a secret
    ACCESS_TOKEN = "access-token"  # noqa: S105 - a name, not a secret
    LOGOUT_TOKEN = "logout-token"  # noqa: S105 - a name, not a secret
    INTROSPECTION = "introspection"
    USERINFO = "userinfo"
    AUTHORIZATION_RESPONSE = "authorization-response"
    RECEIPT = "receipt"
    CATALOGUE = "catalogue"
    CONFIRMATION = "confirmation"
    SECURITY_EVENT = "security-event"
    AUDIT_HEAD = "audit-head"
    EID_APP = "eid-app"
    CLIENT_ASSERTION = "client-assertion"
    NEWS = "news"
    """Of folders made earlier; nothing signs with it."""
    PAYMENT = "payment"
    REQUEST_OBJECT = "request-object"
    SEALING = "sealing"
    LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class PurposeRules:
    """What keys of one purpose may do: `algorithms` (first is the default), `typs` (first is the default).

    Keys that decrypt have no `typs`: others choose what they send.
    """

    algorithms: tuple[Algorithm, ...]
    typs: tuple[str, ...] = ()


_CLIENT_CHOICE = (Algorithm.ES256, Algorithm.RS256, Algorithm.PS256, Algorithm.EDDSA)
_OURS = (Algorithm.ES256,)

#: ID tokens, user info and authorization responses (JARM) keep "JWT"; the others carry the media type of their
#: specification: RFC 9068 section 2.1, OpenID Connect Back-Channel Logout 2.4, RFC 9701 section 5, RFC 9101
#: section 10.8, RFC 8417 section 2.3.
RULES: Mapping[KeyPurpose, PurposeRules] = MappingProxyType(
    {
        KeyPurpose.ID_TOKEN: PurposeRules(_CLIENT_CHOICE, ("JWT",)),
        KeyPurpose.ACCESS_TOKEN: PurposeRules(_OURS, ("at+jwt",)),
        KeyPurpose.LOGOUT_TOKEN: PurposeRules(_CLIENT_CHOICE, ("logout+jwt",)),
        KeyPurpose.INTROSPECTION: PurposeRules(_CLIENT_CHOICE, ("token-introspection+jwt",)),
        KeyPurpose.USERINFO: PurposeRules(_CLIENT_CHOICE, ("JWT",)),
        KeyPurpose.AUTHORIZATION_RESPONSE: PurposeRules(_CLIENT_CHOICE, ("JWT",)),
        KeyPurpose.RECEIPT: PurposeRules(
            _OURS, ("identity-receipt+jwt", "batch-receipt+jwt", "statuslist+jwt")
        ),
        KeyPurpose.CATALOGUE: PurposeRules(_OURS, ("service-catalogue+jwt",)),
        KeyPurpose.CONFIRMATION: PurposeRules(
            _OURS,
            (
                "residence-confirmation+jwt",
                "residence-stamp+jwt",
                "dossier-paper+jwt",
                "dossier-stamp+jwt",
            ),
        ),
        KeyPurpose.SECURITY_EVENT: PurposeRules(_OURS, ("secevent+jwt",)),
        KeyPurpose.AUDIT_HEAD: PurposeRules(_OURS, ("audit-head+jwt",)),
        KeyPurpose.EID_APP: PurposeRules(_OURS, ("eid-card+jwt", "eid-consent+jwt")),
        KeyPurpose.CLIENT_ASSERTION: PurposeRules(
            _CLIENT_CHOICE, ("JWT", "client-authentication+jwt", "oauth-authz-req+jwt")
        ),
        KeyPurpose.NEWS: PurposeRules(_OURS, ("dossier-news+jwt",)),
        KeyPurpose.PAYMENT: PurposeRules(_OURS, ("payment-request+jwt", "payment-statement+jwt")),
        KeyPurpose.REQUEST_OBJECT: PurposeRules(DECRYPTION_ALGORITHMS),
        KeyPurpose.SEALING: PurposeRules((Algorithm.A256GCM,)),
        KeyPurpose.LOOKUP: PurposeRules((Algorithm.HS256,)),
    }
)

_DATA = ((KeyPurpose.SEALING, Algorithm.A256GCM), (KeyPurpose.LOOKUP, Algorithm.HS256))

#: Which keys `init` makes for which service.
PROFILES: Mapping[str, tuple[tuple[KeyPurpose, Algorithm], ...]] = MappingProxyType(
    {
        "idp": (
            *((KeyPurpose.ID_TOKEN, algorithm) for algorithm in _CLIENT_CHOICE),
            (KeyPurpose.ACCESS_TOKEN, Algorithm.ES256),
            *((KeyPurpose.LOGOUT_TOKEN, algorithm) for algorithm in _CLIENT_CHOICE),
            *((KeyPurpose.INTROSPECTION, algorithm) for algorithm in _CLIENT_CHOICE),
            *((KeyPurpose.USERINFO, algorithm) for algorithm in _CLIENT_CHOICE),
            *((KeyPurpose.REQUEST_OBJECT, algorithm) for algorithm in DECRYPTION_ALGORITHMS),
            *((KeyPurpose.AUTHORIZATION_RESPONSE, algorithm) for algorithm in _CLIENT_CHOICE),
            (KeyPurpose.AUDIT_HEAD, Algorithm.ES256),
            (KeyPurpose.EID_APP, Algorithm.ES256),
            *_DATA,
        ),
        "registry": (
            (KeyPurpose.RECEIPT, Algorithm.ES256),
            (KeyPurpose.CATALOGUE, Algorithm.ES256),
            (KeyPurpose.CONFIRMATION, Algorithm.ES256),
            (KeyPurpose.SECURITY_EVENT, Algorithm.ES256),
            (KeyPurpose.AUDIT_HEAD, Algorithm.ES256),
            (KeyPurpose.CLIENT_ASSERTION, Algorithm.ES256),
            *_DATA,
        ),
        "client": (
            (KeyPurpose.CLIENT_ASSERTION, Algorithm.ES256),
            (KeyPurpose.PAYMENT, Algorithm.ES256),
            *_DATA,
        ),
        "gateway": (
            (KeyPurpose.PAYMENT, Algorithm.ES256),
            *_DATA,
        ),
    }
)

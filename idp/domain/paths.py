"""Where each endpoint lives below the issuer. Metadata, routes and relying parties read it from here."""

from typing import Final

AUTHORIZE: Final = "/authorize"
PAR: Final = "/par"
TOKEN: Final = "/token"  # noqa: S105 - a path, not a password
USERINFO: Final = "/userinfo"
INTROSPECT: Final = "/introspect"
REVOKE: Final = "/revoke"
JWKS: Final = "/jwks"
DEVICE_AUTHORIZATION: Final = "/device_authorization"
BACKCHANNEL_AUTHENTICATION: Final = "/bc-authorize"
END_SESSION: Final = "/logout"
OPENID_CONFIGURATION: Final = "/.well-known/openid-configuration"
OAUTH_METADATA: Final = "/.well-known/oauth-authorization-server"
RESOURCE_METADATA: Final = "/.well-known/oauth-protected-resource"

SIGN_IN: Final = "/sign-in"
SECOND_FACTOR: Final = "/sign-in/second-factor"
STEP_UP: Final = "/sign-in/level"
CONSENT: Final = "/consent"
CONTINUE: Final = "/continue"
ACCOUNT: Final = "/account"
APPROVALS: Final = "/account/approvals"
DEVICE: Final = "/device"
DEMO_SIGN_IN: Final = "/demo/sign-in"
DEMO_PERSONAS: Final = "/demo/personas"
DEMO_OUTBOX: Final = "/demo/outbox"

"""The OAuth 2.0 Authorization Framework.

https://www.rfc-editor.org/rfc/rfc6749
Implemented: 2.3 (authentication.py), 3.1.2 (redirect_uris.py), 3.3 (scopes.py), 4.1 (authorization_code.py),
4.4 (client_credentials.py), 5.2 (../errors.py), 6 (refresh_token.py); the framework: server.py, request.py.
Left out: 4.3 the password grant (RFC 9700 2.4 forbids it); 4.2 implicit is oidc_core's (flows.py), off by default.
Builds on Authlib's AuthorizationServer, OAuth2Request, ClientAuthentication and the three grants.
"""

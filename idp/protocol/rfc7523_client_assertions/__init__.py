"""JSON Web Token Profile for OAuth 2.0 Client Authentication: ``private_key_jwt`` and ``client_secret_jwt``.

https://www.rfc-editor.org/rfc/rfc7523 (with OIDC Core section 9 and the 2025 audience advisory, CVE-2025-27370)
Implemented: 2.2 (reading.py), 3 (verifying.py). client_secret_jwt takes HS256 only and a secret of 256 bits.
Left out: 2.1 JWT authorization grants (no client needs them).
Builds on Authlib's JWTBearerClientAssertion; signatures are verified by our keys package.
"""

"""JWT-Secured Authorization Request (JAR), and OpenID Connect Core section 6: signed request objects.

https://www.rfc-editor.org/rfc/rfc9101
Implemented: 4 (what a request object holds), 5.1 and 5.2 (by value, by reference), 6.1 (decryption), 6.2 (signature),
6.3 (validation), 7 (errors), 10.4 (only registered references are fetched), 10.5 (require_signed_request_object),
10.8 (no other JWT passes for one); RFC 9126 section 3 (inside a pushed request); OpenID Connect Core 6.1 to 6.3;
of FAPI 2.0 Message Signing 5.3.1 the times.
Left out: unsigned objects (``none``; Core 6.1 would allow them, but nobody can tell who made one), HMAC signatures
(they prove a secret that we hold too), Core's merging for RFC 9101 clients (see ``opening.py``).
Builds on Authlib's grants for the parameters inside; its JWTAuthenticationRequest reads the clock and a loosely typed
payload, so the object itself is verified by our keys package.

``reading.py`` is what an object says before anything is proven, ``opening.py`` the proof and what counts afterwards;
the endpoint fetches and decrypts (:mod:`idp.endpoints.request_objects`).
"""

from __future__ import annotations

from idp.protocol.offer import Offer
from idp.protocol.rfc9101_request_objects.opening import ALGORITHMS
from keys import CONTENT_ENCRYPTION, KeyPurpose


def metadata(offer: Offer) -> dict[str, object]:
    """RFC 9101 section 9.1 and OpenID Connect Discovery section 3."""
    ways = offer.of(KeyPurpose.REQUEST_OBJECT)
    encrypted: dict[str, object] = {
        "request_object_encryption_alg_values_supported": ways,
        "request_object_encryption_enc_values_supported": list(CONTENT_ENCRYPTION),
    }
    return {
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "require_signed_request_object": False,
        "request_object_signing_alg_values_supported": list(ALGORITHMS),
        **(encrypted if ways else {}),
    }

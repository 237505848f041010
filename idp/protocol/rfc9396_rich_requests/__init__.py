"""OAuth 2.0 Rich Authorization Requests.

https://www.rfc-editor.org/rfc/rfc9396
Implemented: 2 (parameter, common members), 3 (authorization request, with scope and resource), 5 (errors), 6 (token
request narrows), 7 (token answer), 9.1 (JWT access tokens), 9.2 (introspection), 10 (metadata).
Left out: 7.1 (details are never enriched: what the person read is what is granted, letter for letter).
Builds on no Authlib class: RichAuthorizationRequests exists in none of its releases that we may use.

``identity_verification.py`` holds the one type that the provider knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.policy import Policy
from idp.domain.rich_requests import DETAIL_TYPES
from idp.protocol.errors import refusal
from idp.protocol.offer import Offer
from idp.protocol.parameters import Parameters
from idp.protocol.rfc9396_rich_requests import identity_verification
from keys import strict_json

Details = tuple[Mapping[str, object], ...]

NAME: Final = "authorization_details"
INVALID: Final = "invalid_authorization_details"
MAX_LENGTH: Final = 8_192
MAX_DETAILS: Final = 16
MEMBER: Final = b'{"%s":' % NAME.encode()


def asked(parameters: Parameters, client: Client, policy: Policy) -> Details:
    """The details of a request, typed and bounded. Raises ProtocolError invalid_authorization_details."""
    text = parameters.get(NAME)
    if text is None:
        return ()
    return tuple(judged(each, client, policy.registry_audience) for each in array(text))


def array(text: str) -> list[object]:
    """The JSON array behind the parameter, no member twice at any depth."""
    if len(text) > MAX_LENGTH:
        raise refusal(INVALID, "too long")
    try:
        document = strict_json.parse_object(MEMBER + text.encode() + b"}")
    except ValueError as broken:
        raise refusal(INVALID, "no JSON") from broken
    # 2: "The request parameter authorization_details contains, in JSON notation, an array of objects."
    found = document.get(NAME)
    if len(document) != 1 or not isinstance(found, list) or not 0 < len(found) <= MAX_DETAILS:
        raise refusal(INVALID, "no array of one to sixteen objects")
    return found


def judged(detail: object, client: Client, registry: str) -> Mapping[str, object]:
    """One detail as it will be granted. Raises ProtocolError invalid_authorization_details."""
    # 5: "The AS MUST refuse to process any unknown authorization details type or authorization details not conforming
    # to the respective type definition."
    if not isinstance(detail, dict) or detail.get("type") not in DETAIL_TYPES:
        raise refusal(INVALID, "unknown type")
    # 10: authorization_details_types "indicates what authorization details types the client uses".
    if detail["type"] not in client.authorization_details_types:
        raise refusal(INVALID, "type not registered for this client")
    cause = identity_verification.fault(detail, client, registry)
    if cause is not None:
        raise refusal(INVALID, cause)
    return detail


def assigned(parameters: Parameters, client: Client, grant: Grant, policy: Policy) -> Details:
    """What an access token shall carry: what is asked now, or all that was granted.

    Raises ProtocolError invalid_authorization_details for what the grant does not cover.
    """
    # 6: "The AS ... checks whether the underlying grant ... allows the issuance of an access token with the requested
    # authorization details. Otherwise, the AS refuses the request with the error code invalid_authorization_details".
    if NAME not in parameters:
        return grant.authorization_details
    wanted = asked(parameters, client, policy)
    if not within(wanted, grant.authorization_details, policy):
        raise refusal(INVALID, "beyond the grant")
    return wanted


def within(wanted: Details, granted: Details, policy: Policy) -> bool:
    """Whether each wanted detail is covered by one that was granted (6.1: compared by the meaning of its type)."""
    return all(
        any(identity_verification.covers(whole, part, policy.registry_audience) for whole in granted)
        for part in wanted
    )


def places(details: Details, policy: Policy) -> tuple[str, ...]:
    """The resources that details are for, each once; the registry where a detail names none."""
    return tuple(
        dict.fromkeys(
            place
            for each in details
            for place in identity_verification.places(each, policy.registry_audience)
        )
    )


def meant_for(details: Details, audience: str, policy: Policy) -> Details:
    """The details that a token for this audience carries."""
    # 9.1: "the authorization server ... adds the authorization_details object, filtered to the specific audience".
    return tuple(
        each for each in details if audience in identity_verification.places(each, policy.registry_audience)
    )


def metadata(offer: Offer) -> dict[str, object]:
    """Section 10."""
    del offer
    return {"authorization_details_types_supported": list(DETAIL_TYPES)}

"""RFC 7591 section 2.2: human-readable names in several languages; ours are Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.domain.client import Client
from idp.protocol.rfc7591_registration import values
from idp.protocol.rfc7591_registration.addresses import host_of
from idp.protocol.rfc7591_registration.refusals import Unacceptable, refused
from idp.protocol.rfc7591_registration.terms import Terms

NAME: Final = "client_name"
VIETNAMESE: Final = ("client_name#vi", "client_name#vi-VN")
ENGLISH: Final = ("client_name#en", "client_name#en-US", "client_name#en-GB")


def read(document: Mapping[str, object], fallback: str, terms: Terms) -> dict[str, object]:
    """Both names; ``fallback`` where the client has none."""
    # 2.2: "If any human-readable field is sent without a language tag, parties using it MUST NOT make any assumptions
    # about the language".
    plain = _first(document, (NAME,), terms)
    vietnamese, english = _first(document, VIETNAMESE, terms), _first(document, ENGLISH, terms)
    return {
        "name_vi": vietnamese or plain or english or fallback,
        "name_en": english or plain or vietnamese or fallback,
    }


def without_name(redirect_uris: object, client_id: str) -> str:
    """What people see of a client without a name: the host that they will be sent to, else its id."""
    hosts = [host_of(uri) for uri in redirect_uris] if isinstance(redirect_uris, tuple) else []
    return next((host for host in hosts if host), client_id)


def document(client: Client) -> dict[str, object]:
    """The members that say both names again."""
    if client.name_vi == client.name_en:
        return {NAME: client.name_vi}
    return {NAME: client.name_en, VIETNAMESE[0]: client.name_vi, ENGLISH[0]: client.name_en}


def _first(document: Mapping[str, object], names: tuple[str, ...], terms: Terms) -> str | None:
    for name in names:
        if document.get(name) is not None:
            try:
                return values.text(document[name], terms)
            except Unacceptable as cause:
                raise refused(NAME, str(cause)) from cause
    return None

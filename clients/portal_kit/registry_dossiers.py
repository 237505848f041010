"""`/v1/dossiers` as a portal sees it: procedures described, dossiers filed, read, supplemented, withdrawn; consents.

The person's own token does all of that; the portal's own token reports payments and refunds. Every method raises
:class:`~clients.portal_kit.wire.RegistryGone` and :class:`~clients.portal_kit.wire.RegistryRefused`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from clients.portal_kit.dossiers import Consent, Dossier, consent_of, dossier_of
from clients.portal_kit.wire import RegistryGone, RegistryWire, Token

PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """What the registry's public catalogue says of a procedure: name by language, legal basis, least sign-in."""

    code: str
    names: Mapping[str, str]
    legal_basis: str
    minimum_acr: str | None


@dataclass(frozen=True, slots=True)
class AskedConsent:
    """A dossier of somebody else that asks the person of the token to agree; ``open`` while an answer is awaited."""

    code: str
    procedure_code: str
    names: Mapping[str, str]
    applicant: str = field(repr=False)
    people: int
    about: Mapping[str, Any] = field(repr=False)
    open: bool
    consents: tuple[Consent, ...]
    statement: Mapping[str, Any] = field(repr=False)
    """What a phone signs to agree (``eid-act+jwt``)."""


@dataclass(frozen=True, slots=True)
class RegistryDossiers:
    """One for each portal; holds nothing but the wire."""

    wire: RegistryWire

    async def describe(self, procedure_code: str) -> ProcedureFacts:
        """``GET /v1/catalogue/{code}``: public."""
        answer = await self.wire.send("GET", f"/v1/catalogue/{quote(procedure_code, safe='')}")
        with _reading():
            entry = answer["procedure"]
            return ProcedureFacts(
                str(entry["code"]), dict(entry["name"]), str(entry["legal_basis"]), entry.get("minimum_acr")
            )

    async def file(
        self,
        token: Token,
        *,
        code: str,
        procedure_code: str,
        purpose: str,
        inputs: Mapping[str, object],
    ) -> Dossier:
        """``POST /v1/dossiers`` under the portal's code; the same code and content again give the first answer."""
        body = {
            "procedure_code": procedure_code,
            "purpose": purpose,
            "dossier_code": code,
            "inputs": dict(inputs),
        }
        return _dossier(await self.wire.send("POST", "/v1/dossiers", token=token, body=body, key=code))

    async def one(self, token: Token, code: str) -> Dossier:
        """``GET /v1/dossiers/{code}``; 404 `dossier-unknown` for what is not this person's (or portal's)."""
        return _dossier(await self.wire.send("GET", _path(code), token=token))

    async def own(self, token: Token, cursor: str | None = None) -> tuple[tuple[Dossier, ...], str | None]:
        """``GET /v1/dossiers``: one page of the person's dossiers, newest first, and the cursor of the next."""
        query = {"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
        answer = await self.wire.send("GET", f"/v1/dossiers?{urlencode(query)}", token=token)
        with _reading():
            return tuple(dossier_of(each) for each in answer["dossiers"]), answer["next_cursor"]

    async def supplement(
        self, token: Token, code: str, *, version: int, inputs: Mapping[str, object], note: str = ""
    ) -> Dossier:
        """``POST …/supplements``: the answer to CT05, the inputs whole. ``version``: the one that was read."""
        body: dict[str, object] = {"version": version, "inputs": dict(inputs)}
        if note:
            body["note"] = note
        return _dossier(await self.wire.send("POST", f"{_path(code)}/supplements", token=token, body=body))

    async def withdraw(self, token: Token, code: str) -> Dossier:
        """``POST …/withdrawal``, before a decision exists (Decree 118/2025 Art. 21)."""
        return _dossier(await self.wire.send("POST", f"{_path(code)}/withdrawal", token=token, body={}))

    async def asked_of_me(self, token: Token) -> tuple[AskedConsent, ...]:
        """``GET /v1/consents``: what others ask of the person, of the last thirty days."""
        answer = await self.wire.send("GET", "/v1/consents", token=token)
        with _reading():
            return tuple(_asked(each) for each in answer["consents"])

    async def answer_consent(
        self,
        token: Token,
        code: str,
        *,
        given: bool,
        roles: tuple[str, ...] | None = None,
        channel: str = "portal",
        signed: str = "",
    ) -> None:
        """``POST …/consents``: yes or no, in every capacity in which the person was asked or in those named.

        ``signed``: what the person's phone signed to agree, with the provider's attestation.
        """
        body: dict[str, object] = {"given": given, "channel": channel}
        if roles is not None:
            body["roles"] = list(roles)
        if signed:
            body["signed"] = signed
        await self.wire.send("POST", f"{_path(code)}/consents", token=token, body=body)

    async def paid(self, token: Token, code: str, *, amount: int, reference: str) -> Dossier:
        """``POST …/payments`` with the portal's own token; the same reference again changes nothing."""
        body = {"amount": amount, "reference": reference}
        return _dossier(await self.wire.send("POST", f"{_path(code)}/payments", token=token, body=body))

    async def refunded(self, token: Token, code: str, *, reference: str) -> Dossier:
        """``POST …/refunds`` with the portal's own token, once the fee is to be given back."""
        body = {"reference": reference}
        return _dossier(await self.wire.send("POST", f"{_path(code)}/refunds", token=token, body=body))

    async def paper(self, token: Token, confirmation_id: str, form: str) -> bytes:
        """``GET /v1/confirmations/{id}.pdf`` or ``.json``: the paper CT07 that a decision issued, signed."""
        return await self.wire.file(f"/v1/confirmations/{quote(confirmation_id, safe='')}.{form}", token)

    async def paper_of_act(self, token: Token, code: str, number: int, form: str) -> bytes:
        """``GET /v1/dossiers/{code}/papers/{number}.pdf`` or ``.json``: what one line of history says, signed."""
        return await self.wire.file(f"{_path(code)}/papers/{number}.{form}", token)


@contextmanager
def _reading() -> Iterator[None]:
    """What cannot be read is no answer of the registry."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RegistryGone from error


def _dossier(answer: Mapping[str, Any]) -> Dossier:
    with _reading():
        return dossier_of(answer)


def _asked(document: Mapping[str, Any]) -> AskedConsent:
    return AskedConsent(
        code=str(document["dossier_code"]),
        procedure_code=str(document["procedure_code"]),
        names=dict(document["procedure_name"] or {}),
        applicant=str(document["applicant"]),
        people=int(document["people"]),
        about=dict(document["about"]),
        open=bool(document["open"]),
        consents=tuple(consent_of(each) for each in document["consents"]),
        statement=dict(document["statement"]),
    )


def _path(code: str) -> str:
    return f"/v1/dossiers/{quote(code, safe='')}"

"""The wrapper: the provider as it is, but for clients that a team drives."""

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl

import orjson
from cryptography.hazmat.primitives import serialization
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.types import Receive, Scope, Send

from demo.test_drive.faults import LESSONS, Fault, Place
from demo.test_drive.orders import Order, Orders, Parcel
from demo.test_drive.tampering import Claims, Hands, tampered_answer, tampered_location
from demo.test_drive.walking import Stuck, walked
from demo.test_drive.wire import Answer, TooLong, caught, given_again, read
from idp.app import Provider
from idp.domain import paths
from keys import Algorithm, KeyPurpose

PATH: Final = "/demo/test-drive"
CLIENT: Final = re.compile(rf"\A{PATH}/([A-Za-z0-9._:%/-]{{1,200}})\Z")
PATIENCE: Final = 20.0
"""Seconds that a slow answer takes."""
AT_TOKEN: Final = {Fault.SPENT_CODE, Fault.UNAVAILABLE, Fault.NOT_JSON}


class TestDrive:
    """An ASGI application around the finished provider.

    ``PUT /demo/test-drive/{client_id}`` with ``{"persona": "lan", "fault": "wrong_nonce"}`` places an order
    (no fault: an honest sign-in without a page), ``DELETE`` lifts it, ``GET`` tells whether the fault was brought;
    ``GET /demo/test-drive`` lists the faults.
    """

    __test__ = False  # no test of pytest's, whatever its name says

    def __init__(self, provider: Provider, *, issuer: str, patience: float = PATIENCE) -> None:
        self._provider = provider
        self._issuer = issuer
        self._patience = patience
        self._unknown = ECKey.generate_key("P-256", {"kid": "nobody-published-it"})
        self.orders = Orders()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything that no order concerns goes to the provider untouched."""
        answer: Answer | None = None
        path = scope.get("path", "") if scope["type"] == "http" else ""
        if path == PATH or path.startswith(f"{PATH}/"):
            answer = await self._ordered(scope, receive)
        elif path == paths.AUTHORIZE and scope["method"] == "GET":
            answer = await self._authorized(scope)
        elif path == paths.TOKEN and self.orders.travelling:
            answer, receive = await self._tokens(scope, receive)
        elif path == paths.USERINFO and self.orders.travelling:
            answer = await self._somebody(scope, receive)
        if answer is None:
            await self._provider(scope, receive, send)
        else:
            await answer.send(send)

    async def _ordered(self, scope: Scope, receive: Receive) -> Answer:
        if scope["path"] == PATH:
            return Answer.json(200, {"personas": self._personas(), "faults": lessons()})
        client = CLIENT.match(scope["path"])
        if client is None or scope["method"] not in {"GET", "PUT", "DELETE"}:
            return Answer.json(405, {"error": f"GET, PUT or DELETE {PATH}/{{client_id}}"})
        if scope["method"] == "PUT":
            return await self._placed(client[1], receive)
        if scope["method"] == "DELETE":
            self.orders.lift(client[1])
        return Answer.json(200, self._state(client[1]))

    async def _placed(self, client_id: str, receive: Receive) -> Answer:
        try:
            asked = json.loads(await read(receive))
            fault = Fault(asked["fault"]) if asked.get("fault") else None
            order = Order(str(asked.get("persona", self._personas()[0])), fault)
        except (TooLong, ValueError, TypeError, AttributeError, RecursionError):
            return Answer.json(400, {"error": "a JSON object with persona and fault", "faults": list(Fault)})
        if order.persona not in self._personas():
            return Answer.json(400, {"error": "no such persona", "personas": self._personas()})
        self.orders.place(client_id, order)
        return Answer.json(200, self._state(client_id))

    def _state(self, client_id: str) -> dict[str, str | None]:
        order = self.orders.of(client_id)
        return {
            "client_id": client_id,
            "persona": None if order is None else order.persona,
            "fault": None if order is None else order.fault,
            "brought": self.orders.brought(client_id),
        }

    def _personas(self) -> list[str]:
        return [persona.key for persona in self._provider.state.personas if persona.state == "active"]

    async def _authorized(self, scope: Scope) -> Answer | None:
        """The whole way to the portal in one redirect, when the client is driven."""
        query = scope["query_string"].decode("latin-1")
        client_id = dict(parse_qsl(query)).get("client_id", "")
        order = self.orders.of(client_id)
        if order is None:
            return None
        try:
            last = await walked(self._provider, self._issuer, f"{paths.AUTHORIZE}?{query}", order.persona)
        except Stuck as stuck:
            last = stuck.answer
        fields = [(name.lower(), value) for name, value in last.headers.raw if name.lower() != b"set-cookie"]
        answer = Answer(last.status_code, fields, last.content)
        if order.fault is not None:
            self._bring(answer, Parcel(client_id, order.fault))
        return answer

    def _bring(self, answer: Answer, parcel: Parcel) -> None:
        location = dict(answer.fields).get(b"location", b"").decode("latin-1")
        codes = parse_qs(location.partition("?")[2]).get("code")
        if not codes:
            return
        self.orders.send(codes[0], parcel)
        if LESSONS[parcel.fault].place is Place.AUTHORIZATION:
            self.orders.bring(parcel)
            changed = tampered_location(location, parcel.fault).encode("latin-1")
            answer.fields = [
                (name, changed if name == b"location" else value) for name, value in answer.fields
            ]

    async def _tokens(self, scope: Scope, receive: Receive) -> tuple[Answer | None, Receive]:
        try:
            body = await read(receive)
        except TooLong as long:
            return None, given_again(long.read, receive)
        again = given_again(body, receive)
        code = dict(parse_qsl(body.decode("latin-1"))).get("code", "")
        parcel = self.orders.of_secret(code)
        if parcel is None or LESSONS[parcel.fault].place is Place.AUTHORIZATION:
            return None, again
        fault = parcel.fault
        if LESSONS[fault].place is not Place.USERINFO:
            self.orders.bring(parcel)
        if fault in AT_TOKEN:
            return refused(fault), again
        if fault is Fault.SLOW:
            await asyncio.sleep(self._patience)
        answer = await caught(self._provider, scope, again)
        if answer.status == HTTPStatus.OK:
            document = orjson.loads(answer.body)
            self.orders.send(document.get("access_token", ""), parcel)
            answer.body = orjson.dumps(tampered_answer(document, fault, self._hands()))
        return answer, again

    async def _somebody(self, scope: Scope, receive: Receive) -> Answer | None:
        authorization = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        parcel = self.orders.of_secret(authorization.partition(" ")[2])
        if parcel is None or parcel.fault is not Fault.SOMEBODY_ELSE:
            return None
        self.orders.bring(parcel)
        answer = await caught(self._provider, scope, receive)
        if answer.status == HTTPStatus.OK:
            answer.body = orjson.dumps({**orjson.loads(answer.body), "sub": "somebody-else"})
        return answer

    def _hands(self) -> Hands:
        ring = self._provider.services().ring
        signer = ring.signer(KeyPurpose.ID_TOKEN, Algorithm.ES256)

        def sign_unknown(claims: Claims) -> str:
            header: dict[str, Any] = {"alg": "ES256", "kid": self._unknown.kid}
            return jwt.encode(header, dict(claims), self._unknown)

        published = next(key for key in ring.jwks()["keys"] if key["kid"] == signer.kid)
        pem = ECKey.import_key(published).public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return Hands(signer.sign, sign_unknown, pem)


def refused(fault: Fault) -> Answer:
    """What the token endpoint says in place of tokens."""
    if fault is Fault.SPENT_CODE:
        return Answer.json(400, {"error": "invalid_grant", "error_description": "the code was used before"})
    if fault is Fault.UNAVAILABLE:
        return Answer(503, [(b"content-type", b"text/plain"), (b"retry-after", b"5")], b"unavailable")
    return Answer(200, [(b"content-type", b"text/html; charset=utf-8")], b"<!doctype html><p>maintenance")


def lessons() -> list[dict[str, str]]:
    """Every fault with what it is and where the rule is written, as JSON."""
    return [
        {
            "fault": fault.value,
            "place": lesson.place.value,
            "weight": lesson.weight.value,
            "vi": lesson.what_vi,
            "en": lesson.what_en,
            "source": lesson.source,
        }
        for fault, lesson in LESSONS.items()
    ]

"""A hospital's desk: does this card pay today? A system without pages, which signs in with its own key alone.

Run beside `make demo` (docs/verification.md tells about the answer)::

    export KEYS_DIR=var/demo/keys/health_facility PYTHONPATH=.
    python docs/examples/health_facility.py 9900000101 "Nguyễn Thị Lan" 1994-05-17
"""
# ruff: noqa: INP001 - a file to copy, no package

import json
import os
import sys
import time
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx2

from keys import KeyPurpose, KeyRing

CLIENT = "health-facility"
OFFICER = {"number": "099189000134", "name": "Nguyễn Thị Kim Oanh"}


def access_token(http: httpx2.Client, issuer: str, registry: str, ring: KeyRing) -> str:
    """A token for the registry, five minutes long: RFC 6749 section 4.4, RFC 7523 section 2.2, RFC 8707."""
    now = int(time.time())
    assertion = {"iss": CLIENT, "sub": CLIENT, "aud": issuer, "jti": token_urlsafe(16), "iat": now}
    form = {
        "grant_type": "client_credentials",
        "scope": "registry:verify",
        "resource": registry,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": ring.signer(KeyPurpose.CLIENT_ASSERTION).sign(assertion | {"exp": now + 60}),
    }
    answer = http.post(f"{issuer}/token", data=form)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def check_in(
    http: httpx2.Client, registry: str, token: str, insured: dict[str, str], day: str | None = None
) -> Any:
    """The answer about one card on one day; the facility's list of officers goes first, once a day is enough."""
    headers = {"Authorization": f"Bearer {token}"}
    listed = http.put(
        f"{registry}/v1/health-insurance/officers", json={"officers": [OFFICER]}, headers=headers
    )
    listed.raise_for_status()
    question: dict[str, Any] = {
        "purpose": "Tiếp đón người bệnh có thẻ BHYT",
        "procedure_code": "bhyt.check-in",
        "officer": "BV-01-017",
        "officer_identity": OFFICER,
        "insured": insured,
    }
    if day is not None:
        question["on"] = day
    answer = http.post(f"{registry}/v1/health-insurance/eligibility", json=question, headers=headers)
    answer.raise_for_status()
    return answer.json()


def main() -> None:
    """Ask about the card of the command line and print the answer."""
    shown, name, born = sys.argv[1:4]
    issuer = os.environ.get("ISSUER", "http://localhost:8000")
    registry = os.environ.get("REGISTRY_URL", "http://localhost:8100")
    ring = KeyRing.open(Path(os.environ["KEYS_DIR"]), mode="demo")
    with httpx2.Client(timeout=10.0) as http:
        token = access_token(http, issuer, registry, ring)
        found = check_in(http, registry, token, {"shown": shown, "name": name, "birth_date": born})
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()

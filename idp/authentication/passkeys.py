"""The ceremonies of passkeys: what a browser is asked to do, and whether what it brings is true.

Web Authentication Level 3 (https://www.w3.org/TR/webauthn-3/): 5.4 and 5.5 (options), 7.1 (a new credential), 7.2
(an assertion), 8 (attestation, only where a deployment names makers that it trusts). Builds on py_webauthn, which is
a pure function of the answer, except that it judges a maker's certificate by the clock. What it leaves to its caller
is done here: crossOrigin, the user handle, the backup flags over time, whether an attestation is more than the key's
own word. The signature counter is judged by :mod:`idp.authentication.passkey_sign_in`, after the signature.

Origin and RP id come from the configured issuer only. User verification is required always, so that a passkey is two
factors at once.
"""

import base64
import contextlib
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

import orjson
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType
from webauthn.registration.verify_registration_response import VerifiedRegistration

from idp.authentication.personal_number import masked
from idp.domain.account import Account
from idp.domain.passkey import Passkey
from idp.domain.policy import Policy
from idp.domain.session import Challenge
from idp.domain.values import frozen

LONGEST: Final = 16_384
"""Characters of an answer; a certificate chain is the longest part of one."""
LONGEST_ID: Final = 1_023
"""7.1 step 25: "Verify that the credentialId is <= 1023 bytes"."""
ALGORITHMS: Final = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
TRANSPORTS: Final = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})
ATTESTING: Final = (AttestationFormat.PACKED, AttestationFormat.TPM, AttestationFormat.FIDO_U2F)
"""Formats whose certificates may lead to a maker that the deployment trusts."""


@frozen
class Asserted:
    """A true assertion: the key, the challenge, the place and the person's presence were right."""

    sign_count: int
    backed_up: bool


def creation_options(
    challenge: Challenge, account: Account, held: Iterable[Passkey], policy: Policy
) -> dict[str, object]:
    """What ``PublicKeyCredential.parseCreationOptionsFromJSON`` reads (5.1.9).

    The authenticator keeps the person's name and the end of their number to show them; no whole number leaves us.
    """
    return {
        "rp": {"id": relying_party(policy), "name": "Định Danh"},
        "user": {
            "id": text_of(challenge.user_handle),
            "name": masked(account.personal_number),
            "displayName": str(account.profile.get("name") or masked(account.personal_number)),
        },
        "challenge": text_of(challenge.value),
        "pubKeyCredParams": [{"type": "public-key", "alg": int(each)} for each in ALGORITHMS],
        "timeout": policy.challenge_lifetime * 1_000,
        "excludeCredentials": [_descriptor(each) for each in held],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "direct" if policy.attestation_roots else "none",
    }


def request_options(challenge: Challenge, allowed: Iterable[Passkey], policy: Policy) -> dict[str, object]:
    """What ``PublicKeyCredential.parseRequestOptionsFromJSON`` reads (5.1.10); none allowed: any that fits."""
    return {
        "challenge": text_of(challenge.value),
        "rpId": relying_party(policy),
        "timeout": policy.challenge_lifetime * 1_000,
        "userVerification": "required",
        "allowCredentials": [_descriptor(each) for each in allowed],
    }


def relying_party(policy: Policy) -> str:
    """The RP id: the issuer's host."""
    return urlsplit(policy.issuer).hostname or ""


def origin(policy: Policy) -> str:
    """The only origin that answers may come from."""
    parts = urlsplit(policy.issuer)
    return f"{parts.scheme}://{parts.netloc}"


def credential_id(answer: str) -> bytes | None:
    """The credential that an answer names; None for what is no answer. Never raises."""
    return bytes_of(_read(answer).get("rawId"), LONGEST_ID) or None


def made(
    answer: str, challenge: Challenge, account_id: str, name: str, now: int, policy: Policy
) -> Passkey | None:
    """The new passkey of a true attestation (7.1), else None. Never raises."""
    read = _read(answer)
    if not _is_ours(read):
        return None
    attested = _registered(read, challenge, policy, policy.attestation_roots)
    hardware = attested is not None and _is_certified(attested)
    attested = attested or _registered(read, challenge, policy, ())
    if attested is None or len(attested.credential_id) > LONGEST_ID:
        return None
    said = _part(read, "response").get("transports")
    transports = (
        TRANSPORTS & {each for each in said if isinstance(each, str)} if isinstance(said, list) else ()
    )
    return Passkey(
        credential_id=attested.credential_id,
        account_id=account_id,
        user_handle=challenge.user_handle,
        public_key=attested.credential_public_key,
        name=name,
        created_at=now,
        sign_count=attested.sign_count,
        backup_eligible=attested.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        backed_up=attested.credential_backed_up,
        hardware=hardware and bool(policy.attestation_roots),
        aaguid=attested.aaguid,
        transports=tuple(sorted(transports)),
    )


def asserted(
    answer: str, passkey: Passkey, challenge: Challenge, policy: Policy, *, discovered: bool
) -> Asserted | None:
    """What a true assertion by this passkey says (7.2), else None. Never raises.

    ``discovered``: nobody had said who they are, so the user handle must be there.
    """
    read = _read(answer)
    if not _is_ours(read):
        return None
    # 7.2 step 6: "If the user was not identified before the authentication ceremony was initiated, verify that
    # response.userHandle is present" and names the account that the credential belongs to.
    handle = bytes_of(_part(read, "response").get("userHandle"), 64)
    if handle != passkey.user_handle and (handle or discovered):
        return None
    with contextlib.suppress(
        Exception
    ):  # a stranger's bytes; whatever the parsers beneath make of them is a no
        found = verify_authentication_response(
            credential=dict(read),
            expected_challenge=challenge.value,
            expected_rp_id=relying_party(policy),
            expected_origin=origin(policy),
            credential_public_key=passkey.public_key,
            # Nought: the library would refuse before it looked at the signature, and a stranger's number is no sign
            # of a copied key.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        # 7.2 step 19: "Compare currentBe with the credential record's backupEligible".
        eligible = found.credential_device_type == CredentialDeviceType.MULTI_DEVICE
        if found.credential_id == passkey.credential_id and eligible == passkey.backup_eligible:
            return Asserted(found.new_sign_count, found.credential_backed_up)
    return None


def _registered(
    read: Mapping[str, object], challenge: Challenge, policy: Policy, roots: tuple[bytes, ...]
) -> VerifiedRegistration | None:
    with contextlib.suppress(Exception):  # as above
        return verify_registration_response(
            credential=dict(read),
            expected_challenge=challenge.value,
            expected_rp_id=relying_party(policy),
            expected_origin=origin(policy),
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
            pem_root_certs_bytes_by_fmt={each: list(roots) for each in ATTESTING} if roots else None,
        )
    return None


def _is_certified(attested: VerifiedRegistration) -> bool:
    """Whether certificates were judged at all: a "self attestation" has none and is the key's own word (6.5.4)."""
    if attested.fmt not in ATTESTING:
        return False
    return bool(parse_attestation_object(attested.attestation_object).att_stmt.x5c)


def _is_ours(read: Mapping[str, object]) -> bool:
    """Whether the page that was answered was no frame in somebody else's (7.1 step 10, 7.2 step 13)."""
    client_data = bytes_of(_part(read, "response").get("clientDataJSON"), LONGEST)
    with contextlib.suppress(orjson.JSONDecodeError):
        said = orjson.loads(client_data)
        return isinstance(said, dict) and not said.get("crossOrigin") and "topOrigin" not in said
    return False


def _read(answer: str) -> Mapping[str, object]:
    if len(answer) > LONGEST:
        return {}
    with contextlib.suppress(orjson.JSONDecodeError):
        read = orjson.loads(answer)
        return read if isinstance(read, dict) else {}
    return {}


def _part(read: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = read.get(name)
    return part if isinstance(part, dict) else {}


def _descriptor(passkey: Passkey) -> dict[str, object]:
    described: dict[str, object] = {"type": "public-key", "id": text_of(passkey.credential_id)}
    return {**described, "transports": list(passkey.transports)} if passkey.transports else described


def text_of(value: bytes) -> str:
    """Bytes as URL-safe base 64 without padding, as in every member of the ceremonies."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def bytes_of(text: object, longest: int) -> bytes:
    """The opposite; empty for anything else or longer."""
    if not isinstance(text, str) or len(text) > longest * 4 // 3 + 4:
        return b""
    with contextlib.suppress(ValueError):
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    return b""

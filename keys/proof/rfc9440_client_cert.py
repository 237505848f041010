"""Client-Cert HTTP header field: the certificate of a TLS connection that ended at a reverse proxy of ours.

https://www.rfc-editor.org/rfc/rfc9440 (values are structured fields, RFC 8941)
Implemented: 2.1 (encoding), 2.2 (Client-Cert), 2.3 (Client-Cert-Chain), 4 (only a trusted proxy's fields count).
Left out: 3.1 (compression), 3.2 (size negotiation): the proxy's.
Builds on no Authlib class: Authlib has none.
"""

import binascii
import re
from collections.abc import Sequence
from typing import Final

from keys.proof.certificate import MAX_BYTES, MAX_CHAIN, ClientCertificate, read_certificate
from keys.proof.refusals import INVALID_REQUEST, ProofRefused

_LONGEST: Final = 4 * ((MAX_BYTES + 2) // 3) + 2
# RFC 8941 section 3.3.5: base64 between colons. Its section 4.2.7 lets padding be missing.
_BYTE_SEQUENCE: Final = re.compile(r":([A-Za-z0-9+/]+)={0,2}:", re.ASCII)


def read_client_cert(
    fields: Sequence[str], chain_fields: Sequence[str], *, peer_trusted: bool
) -> ClientCertificate | None:
    """Return the certificate that a trusted proxy names; None when it names none.

    `fields` and `chain_fields` are all values of `Client-Cert` and `Client-Cert-Chain` in the request, and
    `peer_trusted` says whether the TCP peer is a proxy of this deployment. From anybody else the fields say
    nothing at all (section 4: "MUST be sanitized"), so they are not even read.

    Raises:
        ProofRefused: `invalid_request`: fields that section 2 does not allow; `invalid_client`: no certificate.
    """
    if not peer_trusted or (not fields and not chain_fields):
        return None
    # 2.2: it "MUST NOT have a list of values or occur multiple times"; 2.3: no chain without it.
    if len(fields) != 1:
        raise ProofRefused(INVALID_REQUEST, "client_cert")
    # 2.3: the chain "MAY have a list of values or occur multiple times".
    if len(chain_fields) > MAX_CHAIN or sum(map(len, chain_fields)) > MAX_CHAIN * _LONGEST:
        raise ProofRefused(INVALID_REQUEST, "client_cert_chain")
    members = [member for value in chain_fields for member in value.split(",", MAX_CHAIN)]
    if len(members) > MAX_CHAIN:
        raise ProofRefused(INVALID_REQUEST, "client_cert_chain")
    return read_certificate(_bytes_of(fields[0]), [_bytes_of(member) for member in members])


def _bytes_of(member: str) -> bytes:
    # 2.1: "the DER-encoded certificate ... as a Byte Sequence". Parameters are not defined, so there are none.
    text = member.strip(" \t")
    found = _BYTE_SEQUENCE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ProofRefused(INVALID_REQUEST, "byte_sequence")
    try:
        return binascii.a2b_base64(found[1] + "=" * (-len(found[1]) % 4), strict_mode=True)
    except ValueError as broken:
        raise ProofRefused(INVALID_REQUEST, "byte_sequence") from broken

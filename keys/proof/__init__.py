"""Proof of possession: DPoP, client certificates, and the one check that a bound token is in its owner's hands.

Pure, without I/O: the time, the nonces and whether a proof was seen before come in as values. Provider and registry
use the same functions. A request goes: `read_proof` (before anything is loaded) gives the replay key,
`judge_proof` decides, the caller spends `DpopProof.jti_digest`, `check_access` compares with the token's `cnf`.
"""

from keys.proof.binding import Confirmation, Presented, Scheme, check_access, check_possession
from keys.proof.certificate import ClientCertificate, read_certificate, x5t_s256
from keys.proof.embedded_key import DPOP_ALGORITHMS
from keys.proof.refusals import ProofRefused
from keys.proof.rfc8705_mtls import ExpectedSubject, SubjectKind, TrustAnchors, check_pki, check_self_signed
from keys.proof.rfc9440_client_cert import read_client_cert
from keys.proof.rfc9449_dpop import DpopProof, ExpectedProof, ReadProof, judge_proof, read_proof, token_hash
from keys.proof.rfc9449_nonces import ServerNonces, server_nonces

__all__ = [
    "DPOP_ALGORITHMS",
    "ClientCertificate",
    "Confirmation",
    "DpopProof",
    "ExpectedProof",
    "ExpectedSubject",
    "Presented",
    "ProofRefused",
    "ReadProof",
    "Scheme",
    "ServerNonces",
    "SubjectKind",
    "TrustAnchors",
    "check_access",
    "check_pki",
    "check_possession",
    "check_self_signed",
    "judge_proof",
    "read_certificate",
    "read_client_cert",
    "read_proof",
    "server_nonces",
    "token_hash",
    "x5t_s256",
]

"""The JWK Set as it stands on the wire."""

import json
from datetime import UTC, datetime
from pathlib import Path

from joserfc import jwk as joserfc_jwk

from keys import KEY_MANAGEMENT, Algorithm, KeyPurpose, KeyRecord, KeyState, material
from keys.purposes import PROFILES
from keys.ring_file import RingFile
from keys.root_key import RootKey
from keys.snapshot import Snapshot

GOLDEN = Path(__file__).parent / "golden" / "jwks.json"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_golden_key_set(published, tmp_path):
    """Next, active and retiring keys stand in the set as RFC 7517 section 4 and 5 say; retired ones do not."""
    shown = [
        ("rfc7515_a3", Algorithm.ES256, KeyState.ACTIVE),
        ("rfc7515_a2", Algorithm.RS256, KeyState.NEXT),
        ("rfc8037_a", Algorithm.EDDSA, KeyState.RETIRING),
        ("rfc7638_3_1", Algorithm.PS256, KeyState.RETIRED),
    ]
    records = []
    for name, algorithm, state in shown:
        key = joserfc_jwk.import_key(published[name]["public"]).public_key
        public = material.public_jwk(key, algorithm)
        records.append(
            KeyRecord(public["kid"], state, KeyPurpose.ID_TOKEN, algorithm, NOW, NOW, None, public)
        )
    snapshot = Snapshot(RingFile(tmp_path, RootKey(bytes(32))), tuple(records), (0, 0, 0))
    assert {"keys": snapshot.published()} == json.loads(GOLDEN.read_text())


def test_no_private_member_leaves(ring):
    """Every published key has a unique kid, use, alg and only public members; symmetric keys stay inside."""
    listed = ring.jwks()["keys"]
    published = [slot for slot in PROFILES["idp"] if slot[1].signs_tokens or slot[1].decrypts_tokens]
    assert len({key["kid"] for key in listed}) == len(listed) == len(published)
    for key in listed:
        assert PRIVATE.isdisjoint(key)
        signing = {"ES256", "RS256", "PS256", "EdDSA"}
        assert key["alg"] in (signing if key["use"] == "sig" else KEY_MANAGEMENT)
        if key["kty"] == "RSA":
            assert len(key["n"]) == 342  # 2048 bits


def test_the_answer_is_the_callers_own(ring):
    """Changing what `jwks` returned does not change the ring."""
    ring.jwks()["keys"].clear()
    assert ring.jwks()["keys"]

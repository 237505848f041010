"""Encrypted tokens: RFC 7516 and RFC 7518 sections 4 and 5, in both directions."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from jose import jwe as python_jose
from joserfc import jwe as joserfc_jwe
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keys import (
    CONTENT_ENCRYPTION,
    KEY_MANAGEMENT,
    DecryptionFailed,
    DecryptionKeys,
    KeyRefused,
    KeyRing,
    KeyState,
    Recipient,
    base64url,
)
from tests.keys.sealed_tokens import NESTED, PURPOSE, VECTORS, header_of, refusal, segment, to_us


def one_key(private: dict, alg: str) -> DecryptionKeys:
    """The private key of a published example, as if it were ours."""
    kid = private.get("kid", "example")
    return DecryptionKeys({kid: (alg, ECKey.import_key(private))}, {alg: kid})


@pytest.mark.parametrize("enc", CONTENT_ENCRYPTION)
@pytest.mark.parametrize("alg", KEY_MANAGEMENT)
def test_what_is_encrypted_to_us_opens(ring, alg, enc):
    """RFC 7518 sections 4 and 5: each way to bring a key with each way to use it; a nested token has cty JWT."""
    token = to_us(ring, alg, enc, cty="JWT", typ="oauth-authz-req+jwt")
    opened = ring.decryption_keys(PURPOSE).decrypt(token)
    assert opened.nested_token() == NESTED
    assert (opened.alg, opened.enc, opened.typ) == (alg, enc, "oauth-authz-req+jwt")
    assert NESTED not in token
    assert "eyJhbGciOiJFUzI1NiJ9" not in repr(opened)


def test_rfc7520_example_opens():
    """RFC 7520 section 5.5: direct key agreement with AES-CBC-HMAC-SHA2, byte for byte."""
    vector = VECTORS["rfc7520_5_5"]
    opened = one_key(vector["private"], "ECDH-ES").decrypt(vector["token"])
    assert opened.plaintext.decode() == vector["plaintext"]
    with pytest.raises(DecryptionFailed, match="cty"):
        opened.nested_token()


def test_rfc7518_key_derivation():
    """RFC 7518 appendix C: the printed key of Alice, Bob and their names is the one we derive."""
    vector = VECTORS["rfc7518_c"]
    header = segment(
        {"alg": "ECDH-ES", "enc": "A128GCM", "epk": vector["ephemeral"]}
        | {"apu": vector["apu"], "apv": vector["apv"]}
    )
    sealed = AESGCM(base64url.decode(vector["derived"].encode())).encrypt(
        bytes(12), b"hello", header.encode()
    )
    parts = [base64url.encode(part).decode() for part in (b"", bytes(12), sealed[:-16], sealed[-16:])]
    opened = one_key(vector["private"], "ECDH-ES").decrypt(".".join([header, *parts]))
    assert opened.plaintext == b"hello"


@pytest.mark.parametrize("enc", CONTENT_ENCRYPTION)
def test_python_jose_opens_what_we_encrypt(enc):
    """An implementation that shares no code with ours reads it (it knows RSA-OAEP-256 only)."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwks = {"keys": [RSAKey(private, private).as_dict(private=False)]}
    token = Recipient.of(jwks, "RSA-OAEP-256").encrypt(NESTED, enc, cty="JWT")
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert python_jose.decrypt(token, pem) == NESTED.encode()


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521", "X25519"])
@pytest.mark.parametrize("alg", KEY_MANAGEMENT[1:])
def test_clients_may_use_any_of_the_curves(curve, alg):
    """RFC 7518 section 4.6 and RFC 8037 section 3.2: the client's curve decides the ephemeral key's."""
    maker = OKPKey if curve == "X25519" else ECKey
    private = maker.generate_key(curve, {"kid": "k-1", "use": "enc"})
    token = Recipient.of({"keys": [private.as_dict(private=False)]}, alg).encrypt(NESTED, "A128GCM")
    assert header_of(token)["epk"]["crv"] == curve
    assert header_of(token)["kid"] == "k-1"
    assert "d" not in header_of(token)["epk"]
    opened = joserfc_jwe.decrypt_compact(token, private, algorithms=[alg, "A128GCM"])
    assert opened.plaintext == NESTED.encode()


def jwk(kid: str, **members) -> dict:
    """A public key of a client; None takes a member away."""
    made = ECKey(*[ec.generate_private_key(ec.SECP256R1())] * 2).as_dict(private=False)
    made = {name: made[name] for name in ("kty", "crv", "x", "y")} | {"kid": kid} | members
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ([jwk("plain"), jwk("use", use="enc"), jwk("alg", use="enc", alg="ECDH-ES")], "alg"),
        ([jwk("plain"), jwk("use", use="enc")], "use"),
        ([jwk("signs", use="sig"), jwk("plain")], "plain"),
        ([jwk("other", use="enc", alg="ECDH-ES+A128KW"), jwk("fits", use="enc")], "fits"),
        ([jwk("ops", key_ops=["verify"]), jwk("fits", key_ops=["deriveKey"])], "fits"),
        ([jwk("curve", crv="secp256k1"), {"kty": "future"}, jwk(None)], None),
    ],
)
def test_the_key_is_chosen_by_alg_use_and_operations(listed, chosen):
    """OIDC Core 10.2: the most explicit key that fits; keys for signatures are never encrypted to."""
    assert Recipient.of({"keys": listed}, "ECDH-ES").kid == chosen


@pytest.mark.parametrize(
    ("listed", "alg", "code"),
    [
        ([jwk("signs", use="sig")], "ECDH-ES", "no_encryption_key"),
        ([jwk("ec")], "RSA-OAEP-256", "no_encryption_key"),
        ([], "ECDH-ES", "no_encryption_key"),
        ("none", "ECDH-ES", "bad_jwks"),
        ([jwk("private", d="AAAA")], "ECDH-ES", "private_member"),
        ([jwk("off", y="AAAA")], "ECDH-ES", "bad_jwk"),
        ([{"kty": "OKP", "crv": "X25519", "x": "AAAA"}], "ECDH-ES", "bad_jwk"),
        ([{"kty": "RSA", "n": "qw", "e": "AQAB"}], "RSA-OAEP-256", "bad_jwk"),
        ([{"kty": "RSA", "n": "_" * 342, "e": "Aw"}], "RSA-OAEP-256", "bad_jwk"),
        ([jwk("x")], "RSA1_5", "algorithm"),
        ([jwk("x")], "RSA-OAEP", "algorithm"),
        ([jwk("x")], "dir", "algorithm"),
        ([jwk("x")], "PBES2-HS256+A128KW", "algorithm"),
    ],
)
def test_nothing_is_encrypted_to_a_key_that_does_not_fit(listed, alg, code):
    """RFC 8725 sections 3.1 to 3.5: kind, curve, size and algorithm, before anything secret is touched."""
    with pytest.raises(KeyRefused) as caught:
        Recipient.of({"keys": listed}, alg)
    assert caught.value.code == code


@pytest.mark.attack
@pytest.mark.parametrize("point", [bytes(32), b"\1" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"])
def test_a_key_that_agrees_on_nothing_is_refused(point):
    """RFC 7748 section 6.1: with a point of small order the secret would be known to everybody."""
    small = {"kty": "OKP", "crv": "X25519", "x": base64url.encode(point).decode()}
    with pytest.raises(KeyRefused) as caught:
        Recipient.of({"keys": [small]}, "ECDH-ES")
    assert caught.value.code == "bad_jwk"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
MEMBERS = ("kty", "crv", "x", "y", "n", "e", "d", "use", "alg", "kid", "key_ops")
LIKELY = st.sampled_from(
    ["EC", "OKP", "RSA", "P-256", "X25519", "enc", "ECDH-ES", "AQAB", "\ud800", "A" * 43]
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, LIKELY | JSON)), st.sampled_from(KEY_MANAGEMENT)
)
def test_no_key_of_a_stranger_is_an_accident(members, alg):
    """Whatever a client publishes, it is a key or it is refused, before anything is encrypted."""
    try:
        recipient = Recipient.of({"keys": [members]}, alg)
    except KeyRefused:
        return
    assert recipient.encrypt("x", "A128GCM").count(".") == 4


@pytest.mark.parametrize("enc", ["A192GCM", "A192CBC-HS384", "none", ""])
def test_content_encryption_is_one_of_ours(enc):
    """RFC 7518 section 5.1: four of six, and nothing unknown."""
    with pytest.raises(KeyRefused):
        Recipient.of({"keys": [jwk("k")]}, "ECDH-ES").encrypt("x", enc)


def test_without_a_kid_the_key_in_service_is_meant(ring):
    """RFC 7516 section 4.1.6: kid is optional."""
    listed = [{**each, "kid": None} for each in ring.jwks()["keys"] if each["use"] == "enc"]
    token = Recipient.of({"keys": listed}, "ECDH-ES+A256KW").encrypt(NESTED, "A256GCM")
    assert "kid" not in header_of(token)
    assert ring.decryption_keys(PURPOSE).decrypt(token).plaintext == NESTED.encode()


def test_a_turned_key_still_opens_what_was_on_its_way(tmp_path):
    """OIDC Core 10.2.1: the set shows the new key at once and alone; the old one opens for a day."""
    ring = KeyRing.create(tmp_path / "ring", profile="idp", mode="demo")
    start = datetime.now(UTC)
    on_its_way = to_us(ring)
    old = header_of(on_its_way)["kid"]
    ring.rotate(PURPOSE, now=start)
    assert old in {each["kid"] for each in ring.jwks()["keys"]}
    ring.rotate_due(now=start + timedelta(minutes=1))
    shown = [each for each in ring.jwks()["keys"] if each["use"] == "enc" and each["alg"] == "ECDH-ES"]
    assert len(shown) == 1
    assert shown[0]["kid"] != old
    for token in (on_its_way, to_us(ring)):
        assert ring.decryption_keys(PURPOSE).decrypt(token).plaintext == NESTED.encode()
    ring.rotate_due(now=start + timedelta(days=1, hours=1))
    assert refusal(ring, on_its_way) == "unknown_kid"
    (gone,) = [record for record in ring.records if record.kid == old]
    assert gone.state is KeyState.RETIRED
    assert gone.sealed is None


def test_a_ring_from_before_gains_the_purpose_by_init(tmp_path, monkeypatch):
    """A folder made before there was this purpose serves as it did, and `init` adds the keys that are missing."""
    from keys import ring as rings

    old = {"idp": tuple(slot for slot in rings.PROFILES["idp"] if slot[0] is not PURPOSE)}
    with monkeypatch.context() as patch:
        patch.setattr(rings, "PROFILES", old)
        before = KeyRing.create(tmp_path / "ring", profile="idp", mode="demo")
    assert len(before.decryption_keys(PURPOSE)) == 0
    assert refusal(before, "a.b.c.d.e") == "format"
    kept = {record.kid for record in before.records}
    after = KeyRing.create(tmp_path / "ring", profile="idp", mode="demo")
    assert len(after.decryption_keys(PURPOSE)) == len(KEY_MANAGEMENT)
    assert kept < {record.kid for record in after.records}
    assert before.reload_if_changed()
    assert before.decryption_keys(PURPOSE).decrypt(to_us(after)).plaintext == NESTED.encode()


def test_secrets_stay_out_of_texts(ring):
    """No private or secret byte is in the text of these values."""
    keys = ring.decryption_keys(PURPOSE)
    assert "object at" not in repr(keys)
    assert repr(x25519.X25519PrivateKey) not in repr(Recipient.of(ring.jwks(), "ECDH-ES"))
    assert "key=" not in repr(Recipient.of(ring.jwks(), "ECDH-ES"))

"""Encrypted tokens: RFC 7516 and RFC 7518 sections 4 and 5, in both directions."""

import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    KeyPurpose,
    KeyRefused,
    KeyRing,
    KeyState,
    Recipient,
    base64url,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "encryption.json").read_text(encoding="utf-8"))
PURPOSE = KeyPurpose.REQUEST_OBJECT
NESTED = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"


def segment(value) -> str:
    """A JSON value as a segment of a token."""
    return base64url.encode(json.dumps(value).encode()).decode()


def header_of(token: str) -> dict:
    """The header that a token shows."""
    return json.loads(base64url.decode(token.split(".", maxsplit=1)[0].encode()))


def reheaded(token: str, **changes) -> str:
    """The same token under another header; None takes a member away."""
    header = {name: value for name, value in (header_of(token) | changes).items() if value is not None}
    return ".".join([segment(header), *token.split(".")[1:]])


def to_us(ring: KeyRing, alg: str = "ECDH-ES", enc: str = "A256GCM", **said) -> str:
    """A token encrypted to the ring's published key."""
    return Recipient.of(ring.jwks(), alg).encrypt(NESTED, enc, **said)


def refusal(ring: KeyRing, token: str, **keywords) -> str:
    """Why a token is refused."""
    with pytest.raises(DecryptionFailed) as caught:
        ring.decryption_keys(PURPOSE).decrypt(token, **keywords)
    return caught.value.code


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
def test_a_key_that_agrees_on_nothing_is_refused():
    """RFC 7748 section 6.1: with a point of small order the secret would be known to everybody."""
    with pytest.raises(KeyRefused) as caught:
        Recipient.of({"keys": [{"kty": "OKP", "crv": "X25519", "x": "A" * 43}]}, "ECDH-ES").encrypt(
            "x", "A128GCM"
        )
    assert caught.value.code == "bad_jwk"


@pytest.mark.parametrize("enc", ["A192GCM", "A192CBC-HS384", "none", ""])
def test_content_encryption_is_one_of_ours(enc):
    """RFC 7518 section 5.1: four of six, and nothing unknown."""
    with pytest.raises(KeyRefused):
        Recipient.of({"keys": [jwk("k")]}, "ECDH-ES").encrypt("x", enc)


@pytest.mark.attack
@pytest.mark.parametrize(
    "extra",
    [
        {"zip": "DEF"},
        {"crit": ["exp"]},
        {"crit": []},
        {"jku": "https://evil.example/keys"},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"x5u": "https://evil.example/chain"},
        {"x5c": ["AA"]},
        {"p2c": 2_147_483_647},
        {"p2s": "AAAA"},
        {"iv": "AAAA"},
        {"b64": False},
        {"cty": 1},
        {"typ": ["JWT"]},
        {"apu": "A" * 200},
        {"apv": 7},
    ],
)
def test_headers_that_bring_keys_inflate_or_make_us_work(ring, extra):
    """CVE-2026-27962 (embedded keys), CVE-2023-51775 (p2c): refused before any key is used."""
    assert refusal(ring, reheaded(to_us(ring), **extra)) == "header"


@pytest.mark.attack
@pytest.mark.parametrize(
    "alg",
    ["RSA1_5", "RSA-OAEP", "dir", "A128KW", "A256GCMKW", "PBES2-HS256+A128KW", "ECDH-1PU", "none", "", 1],
)
def test_algorithms_outside_the_list(ring, alg):
    """CVE-2016-10555 and the padding oracles of RSA1_5: the list is ours, not the sender's."""
    assert refusal(ring, reheaded(to_us(ring), alg=alg)) == "algorithm"
    assert refusal(ring, reheaded(to_us(ring), alg=None)) == "algorithm"


@pytest.mark.attack
def test_rfc7516_examples_with_old_algorithms_are_refused(ring):
    """RFC 7516 appendix A.1 uses RSA-OAEP, whose hash is SHA-1."""
    assert refusal(ring, VECTORS["rfc7516_a1"]["token"]) == "algorithm"


@pytest.mark.attack
@pytest.mark.parametrize("enc", ["A192GCM", "none", "", None, 5])
def test_content_encryption_outside_the_list(ring, enc):
    """RFC 7516 section 4.1.2: enc is there, and one of those that are taken."""
    assert refusal(ring, reheaded(to_us(ring), enc=enc)) == "algorithm"


def test_the_callers_list_is_narrower(ring):
    """What a client registered is what it must send; a list with strangers in it is a mistake of ours."""
    assert refusal(ring, to_us(ring), algorithms=("RSA-OAEP-256",)) == "algorithm"
    assert refusal(ring, to_us(ring), encryptions=("A128GCM",)) == "algorithm"
    with pytest.raises(ValueError, match="never taken"):
        ring.decryption_keys(PURPOSE).decrypt(to_us(ring), algorithms=("RSA1_5",))


@pytest.mark.attack
@pytest.mark.parametrize("alg", KEY_MANAGEMENT[1:])
def test_an_ephemeral_key_elsewhere(ring, alg):
    """Invalid-curve attacks (CVE-2017-16007): the sender's key is on our curve, or nothing is computed."""
    token = to_us(ring, alg)
    good = header_of(token)["epk"]
    other = ECKey.generate_key("P-384").as_dict(private=False)
    okp = OKPKey.generate_key("X25519").as_dict(private=False)
    wrong = [None, {}, [], "x", okp, {**good, "crv": "P-384"}, {**good, "d": "AAAA"}, {**good, "x": 1}]
    wrong += [{name: other[name] for name in ("kty", "crv", "x", "y")}, {**good, "x": "A" * 1000}]
    for epk in wrong:
        if len(segment(header_of(token) | {"epk": epk})) <= 1024:
            assert refusal(ring, reheaded(token, epk=epk)) == "epk"
    off = {**good, "y": good["x"]}
    assert refusal(ring, reheaded(token, epk=off)) == "decryption"


@pytest.mark.attack
def test_a_key_opens_by_its_own_algorithm_only(ring):
    """RFC 8725 section 3.1: the algorithm belongs to the key, the header does not choose it."""
    kids = {each["alg"]: each["kid"] for each in ring.jwks()["keys"] if each["use"] == "enc"}
    assert set(kids) == set(KEY_MANAGEMENT)
    for alg, kid in kids.items():
        for other in KEY_MANAGEMENT:
            if other != alg:
                assert refusal(ring, reheaded(to_us(ring, other), kid=kid)) == "algorithm"
    assert refusal(ring, reheaded(to_us(ring), kid="unknown")) == "unknown_kid"
    assert refusal(ring, reheaded(to_us(ring), kid=7)) == "unknown_kid"


def test_without_a_kid_the_key_in_service_is_meant(ring):
    """RFC 7516 section 4.1.6: kid is optional."""
    listed = [{**each, "kid": None} for each in ring.jwks()["keys"] if each["use"] == "enc"]
    token = Recipient.of({"keys": listed}, "ECDH-ES+A256KW").encrypt(NESTED, "A256GCM")
    assert "kid" not in header_of(token)
    assert ring.decryption_keys(PURPOSE).decrypt(token).plaintext == NESTED.encode()


@pytest.mark.attack
def test_size_is_judged_before_anything_is_parsed(ring, monkeypatch):
    """CVE-2025-61920: a token that is too long is not even split; one of the limit's length is looked at."""
    assert refusal(ring, "a." * 9000) == "size"
    assert refusal(ring, "é") == "size"
    assert refusal(ring, "a" * 16_384) == "format"
    assert refusal(ring, reheaded(to_us(ring), filler="x" * 1024)) == "format"


@pytest.mark.attack
def test_a_bomb_does_not_go_off(ring):
    """CVE-2024-33664: a compressed content is refused unread, whoever encrypted it."""
    bomb = zlib.compress(b"\0" * 5_000_000)
    token = Recipient.of(ring.jwks(), "ECDH-ES").encrypt(bomb, "A256GCM")
    assert refusal(ring, reheaded(token, zip="DEF")) == "header"


@pytest.mark.attack
@pytest.mark.parametrize("enc", CONTENT_ENCRYPTION)
def test_a_shortened_tag_or_vector_is_refused(ring, enc):
    """CVE-2025-54887: a tag of one byte would be guessed in 256 attempts."""
    parts = to_us(ring, enc=enc).split(".")
    for place in (2, 4):
        for length in (0, 1, 4, 12, 15, 17, 64):
            cut = list(parts)
            raw = base64url.decode(parts[place].encode())
            if length != len(raw):
                cut[place] = base64url.encode((raw + bytes(64))[:length]).decode()
                assert refusal(ring, ".".join(cut)) == "decryption"


@pytest.mark.attack
def test_direct_agreement_has_no_encrypted_key(ring):
    """RFC 7516 section 5.2, step 10: "verify that the JWE Encrypted Key value is an empty octet sequence"."""
    header, _, *rest = to_us(ring, "ECDH-ES").split(".")
    assert refusal(ring, ".".join([header, "AAAA", *rest])) == "format"


@pytest.mark.attack
@given(data=st.data(), alg=st.sampled_from(KEY_MANAGEMENT), enc=st.sampled_from(CONTENT_ENCRYPTION))
def test_every_mutation_is_refused(ring, data, alg, enc):
    """Whatever sign is changed, nothing opens, and no refusal tells more than another (RFC 7516 section 11.5)."""
    token = to_us(ring, alg, enc)
    place = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.sampled_from("AZaz09-_.").filter(lambda each: each != token[place]))
    mutated = token[:place] + sign + token[place + 1 :]
    code = refusal(ring, mutated)
    if place > len(token.split(".")[0]) and "." not in {sign, token[place]}:
        assert code in {"decryption", "format"}


@given(st.text(max_size=200) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*\.[\w-]*\.[\w-]*"))
def test_reading_never_raises_anything_else(ring, text):
    """Any text is refused, never an accident."""
    assert refusal(ring, text)


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

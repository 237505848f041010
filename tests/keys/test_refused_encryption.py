"""Attacks on decryption; each answer is DecryptionFailed, and nothing opens (RFC 7516 section 11, RFC 8725)."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey

from keys import CONTENT_ENCRYPTION, KEY_MANAGEMENT, Recipient, base64url
from tests.keys.sealed_tokens import PURPOSE, VECTORS, header_of, refusal, reheaded, segment, to_us


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

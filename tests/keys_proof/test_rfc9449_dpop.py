"""DPoP proofs that hold, and the twelve checks of RFC 9449 section 4.3."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.proof import DpopProof, ExpectedProof, ProofRefused, judge_proof, read_proof, token_hash
from keys.proof.target_uri import normalised
from tests.keys_proof.proofs import NOW, URI, Sender, judged


def reason(proof: str, **expected: object) -> str:
    """Why a proof is refused."""
    with pytest.raises(ProofRefused) as refused:
        judged(proof, **expected)
    assert refused.value.code == "invalid_dpop_proof"
    return refused.value.reason


def test_the_proof_of_section_4_1_holds(rfc9449):
    """RFC 9449 figure 2 verifies, and its key has the thumbprint of section 6.1."""
    uri, now = "https://server.example.com/token", rfc9449["token_iat"]
    proof = judged(rfc9449["token_proof"], uri=uri, now=now)
    assert (proof.jkt, proof.nonce, proof.ath, proof.expires) == (rfc9449["jkt"], None, None, now + 61)
    assert len(proof.jti_digest) == 43


def test_the_proof_of_section_7_1_covers_its_token(rfc9449):
    """RFC 9449 figure 12: `ath` is the hash of the access token of that request."""
    expected = {
        "method": "GET",
        "uri": "https://resource.example.org/protectedresource",
        "now": rfc9449["resource_iat"],
        "access_token": rfc9449["access_token"],
    }
    proof = judged(rfc9449["resource_proof"], **expected)
    assert proof.ath == token_hash(rfc9449["access_token"]) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    assert reason(rfc9449["resource_proof"], **expected | {"access_token": "another"}) == "ath"


def test_no_header_is_no_proof():
    """Section 4.1: the field is optional; whether a proof is needed is the caller's rule."""
    assert read_proof([]) is None


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256", "EdDSA", "Ed25519"])
def test_every_listed_algorithm_proves(algorithm):
    """Section 5.1: what `dpop_signing_alg_values_supported` will list does verify."""
    sender = Sender(algorithm)
    assert judged(sender.proof()).jkt == sender.jkt
    assert reason(sender.proof(), algorithms={"ES256", "RS256"} - {algorithm}) == "algorithm"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("age", "holds"),
    [(0, True), (60, True), (61, False), (600, False), (-10, True), (-11, False), (-61, False)],
)
def test_proofs_live_a_minute(sender, age, holds):
    """Section 11.1 (esignet#2596, iat window): 60 s into the past and 10 s into the future, no more."""
    proof = sender.proof(iat=NOW - age)
    if holds:
        assert judged(proof).expires == NOW - age + 61
    else:
        assert reason(proof) == "iat"


def test_the_age_is_a_setting_and_the_replay_key_lives_as_long(sender):
    """Section 11.1: the server keeps the jti for as long as the proof would be accepted."""
    proof = sender.proof(iat=NOW - 200, jti="x")
    expires = judged(proof, max_age=300).expires
    assert reason(proof, now=expires, max_age=300) == "iat"
    assert judged(proof, now=expires - 1, max_age=300)


def test_a_moment_may_have_a_fraction(sender):
    """RFC 7519 section 2: NumericDate may be a fraction of a second."""
    assert judged(sender.proof(iat=NOW - 0.25)).expires == NOW + 60


@pytest.mark.parametrize("claim", ["jti", "htm", "htu", "iat"])
@pytest.mark.parametrize("value", [None, "", [], {}, True, "x" * 9000])
def test_required_claims_are_there_and_of_their_type(sender, claim, value):
    """Section 4.3 point 3; a claim of another type is no claim."""
    with pytest.raises(ProofRefused) as refused:
        judged(sender.proof(**{claim: value}))
    assert refused.value.code == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://ID.Example.VN/token",
        "https://id.example.vn:443/token",
        "https://id.example.vn:/token",
        "https://id.example.vn/%74oken",
        "https://id.example.vn/a/../token",
        "https://id.example.vn/./token?scope=openid#top",
    ],
)
def test_equal_targets_are_equal_however_they_are_spelled(sender, htu):
    """Section 4.3: "syntax-based ... and scheme-based normalization" before comparing, query and fragment ignored."""
    assert judged(sender.proof(htu=htu))
    assert judged(sender.proof(), uri=htu)


@pytest.mark.parametrize(
    "htu",
    [
        "http://id.example.vn/token",
        "https://id.example.vn/Token",
        "https://id.example.vn/token/",
        "https://id.example.vn/token%2F",
        "https://id.example.vn./token",
        "https://id.example.vn:444/token",
        "https://id.example.vn.evil.example/token",
        "https://id.example.vn@evil.example/token",
        "https://evil.example\\@id.example.vn/token",
        "https://id.example.vn/token;jsessionid=1",
        "//id.example.vn/token",
        "/token",
        "https://id.example.vn/tok en",
        "https://id.example.vn/token\n",
        "https://id.example.vn/%zz",
        "https://id.example.vn:99999/token",
        "https://id.example.vn:0/token",
    ],
)
@pytest.mark.attack
def test_other_targets_are_other_targets(sender, htu):
    """Parser differentials of Keycloak CVE-2026-7504 and CVE-2026-3872, as proofs for another place."""
    assert reason(sender.proof(htu=htu)) == "htu"


@pytest.mark.attack
@pytest.mark.parametrize("method", ["GET", "post", "POST "])
def test_the_method_is_exact(sender, method):
    """Section 4.3 point 8 (esignet#2596, htm unchecked); RFC 9110 section 9.1: methods have case."""
    assert reason(sender.proof(htm=method)) == "htm"


def test_a_nonce_is_asked_for_and_accepted(sender):
    """Sections 8 and 9: without this server's nonce the answer is `use_dpop_nonce`."""
    for nonce in (None, "another", "two"):
        with pytest.raises(ProofRefused) as refused:
            judged(sender.proof(nonce=nonce), nonces={"one"})
        assert refused.value.code == "use_dpop_nonce"
    assert judged(sender.proof(nonce="one"), nonces={"one", "two"}).nonce == "one"


def test_a_caller_that_expects_nonsense_hears_so(sender):
    """A weak allow-list or a relative URI is a mistake of ours, not of the client."""
    read = read_proof([sender.proof()])
    assert read
    with pytest.raises(ValueError, match="allow-list"):
        judge_proof(read, ExpectedProof(method="POST", uri=URI, now=NOW, algorithms={"HS256"}))
    with pytest.raises(ValueError, match="absolute"):
        judge_proof(read, ExpectedProof(method="POST", uri="/token", now=NOW))


def test_the_replay_key_is_of_key_target_and_jti(sender):
    """Section 11.1: the jti is kept "in the context of the target URI"; nobody can burn another key's jti."""

    def digest(who: Sender, **claims: object) -> str:
        read = read_proof([who.proof(**claims)])
        assert read
        return read.jti_digest

    first = digest(sender, jti="a")
    assert digest(sender, jti="a", iat=NOW - 5, htu=URI + "?x") == first
    others = {digest(Sender(), jti="a"), digest(sender, jti="b"), digest(sender, jti="a", htu=URI + "x")}
    assert len(others | {first}) == 4


@given(text=st.text(max_size=200))
def test_any_text_is_refused_or_none(text):
    """No header makes reading raise anything but its own error."""
    with pytest.raises(ProofRefused):
        read_proof([text])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    header=st.dictionaries(st.sampled_from(["typ", "alg", "jwk", "crit", "kid"]), JSON),
    claims=st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "nonce", "ath"]), JSON),
    jwk=st.none() | st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use"]), JSON),
)
def test_any_signed_nonsense_is_judged(sender, header, claims, jwk):
    """Well-signed tokens with any members: a proof or `ProofRefused`, nothing else (Authlib's 500s, 2026)."""
    if jwk is not None:
        header["jwk"] = sender.jwk | jwk
    with suppress(ProofRefused):
        assert isinstance(judged(sender.proof(header, **claims)), DpopProof)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.%/@:?#\[\]]{0,30}", fullmatch=True))
def test_normalising_settles(uri):
    """RFC 3986 section 6: a normalised URI is its own normal form; anything else is None."""
    once = normalised(uri)
    assert once is None or normalised(once) == once

"""Chip files and passive authentication (ICAO Doc 9303 part 10, part 11 section 5.1, part 12)."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import subprocess
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from population_registry.domain import PartialDate
from population_registry.papers.chip.certificates import make_revocations, make_signer
from population_registry.papers.chip.groups import read_dg1, read_dg13
from population_registry.papers.chip.issuing import CardRefusedError, issue_card, write_card
from population_registry.papers.chip.passive import authenticate
from population_registry.papers.chip.security_object import read_sod, write_sod
from population_registry.papers.chip.tags import unwrap, wrap
from population_registry.papers.chip.trust import Trust
from population_registry.papers.paper import PaperKind
from population_registry.verification.claims.card import Expiry
from tests.registry_papers.cards import CARD, NOW, authority, card, holder, signer, trust

TODAY = date(2026, 11, 21)


def said(files, trusted=None, now=NOW):
    """Every check that does not agree, with its reasons."""
    findings = authenticate(files, trusted or trust(), now)
    assert findings.genuine is all(check.flag == "match" for check in findings.checks.values())
    return {name: check.reasons for name, check in findings.checks.items() if check.flag != "match"}


def test_a_genuine_chip_agrees_in_everything():
    """Structure, signature, chain, hashes and agreement; the paper is that of data group 13, marks included."""
    findings = authenticate(card().chip, trust(), NOW)
    assert list(findings.checks) == ["structure", "signature", "chain", "hashes", "agreement"]
    assert findings.genuine
    paper = findings.paper
    assert (paper.kind, paper.name, paper.birth) == (
        PaperKind.CHIP,
        "Phạm Thị Kiểm Thử",
        PartialDate(1990, 5, 17),
    )
    assert (paper.card.issued, paper.card.expires) == (date(2022, 5, 20), Expiry(date(2030, 5, 17)))
    assert paper.old_number == "099000123"


def test_files_have_the_tags_of_part_10():
    """DG1 is 61 with 5F1F of 90 letters, DG13 is 6D, EF.SOD is 77."""
    files = card().chip
    assert files.dg1[:5] == b"\x61\x5d\x5f\x1f\x5a"
    assert files.dg1[5:] == "".join(card().mrz).encode()
    assert (files.dg13[:1], files.sod[:1]) == (b"\x6d", b"\x77")


def test_hashes_are_those_of_whole_files():
    """SHA-256 over each file with its tag and length (part 10 section 4.6.2.3)."""
    files = card().chip
    hashes = {each.number: each.value for each in read_sod(files.sod).object.hashes}
    assert hashes == {1: hashlib.sha256(files.dg1).digest(), 13: hashlib.sha256(files.dg13).digest()}


def test_sensitive_items_are_never_written():
    """Ethnic group (6), religion (7) and identifying features (10) are on no demo chip."""
    from population_registry.papers.chip import structures

    data = structures.decode(structures.NationalData, unwrap(b"\x6d", card().chip.dg13))
    assert {item.number for item in data.items} == {1, 2, 3, 4, 5, 9, 11, 12, 16}


def test_data_groups_of_a_lifetime_card_with_a_year_only():
    """A card without end and a birth of which only the year is known are written and read again."""
    person = holder(birth="1952", cmnd=None)
    lasting = dataclasses.replace(CARD, expires=None)
    files = write_card(person, lasting, signer()).chip
    assert said(files) == {}
    national = read_dg13(files.dg13)
    assert (national.birth, national.expires, national.old_number) == (PartialDate(1952), None, None)
    assert read_dg1(files.dg1)[0].expires is None


@pytest.mark.skipif(shutil.which("openssl") is None, reason="another implementation to check against")
def test_openssl_believes_our_security_object(tmp_path):
    """An independent CMS implementation verifies the signature up to our authority (RFC 5652)."""
    (tmp_path / "sod").write_bytes(unwrap(b"\x77", card().chip.sod))
    (tmp_path / "csca").write_bytes(authority().certificate.public_bytes(Encoding.PEM))
    command = [
        "openssl",
        "cms",
        "-verify",
        "-inform",
        "DER",
        "-in",
        "sod",
        "-CAfile",
        "csca",
        "-out",
        "content",
    ]
    moment = str(int((NOW + timedelta(days=1)).timestamp()))
    subprocess.run(
        [*command, "-purpose", "any", "-attime", moment], cwd=tmp_path, check=True, capture_output=True
    )
    assert (tmp_path / "content").read_bytes() == read_sod(card().chip.sod).content


@pytest.mark.skipif(shutil.which("openssl") is None, reason="another implementation to check against")
def test_we_believe_what_openssl_signs(tmp_path):
    """A security object signed by the independent implementation, with a signing time beside, is read alike."""
    (tmp_path / "content").write_bytes(read_sod(card().chip.sod).content)
    (tmp_path / "signer").write_bytes(signer().certificate.public_bytes(Encoding.PEM))
    (tmp_path / "key").write_bytes(
        signer().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    command = "openssl cms -sign -binary -nodetach -nosmimecap -md sha256 -outform DER -in content -out sod"
    options = ["-econtent_type", "2.23.136.1.1.1", "-signer", "signer", "-inkey", "key"]
    subprocess.run([*command.split(), *options], cwd=tmp_path, check=True, capture_output=True)
    sod = wrap(b"\x77", (tmp_path / "sod").read_bytes())
    assert said(dataclasses.replace(card().chip, sod=sod)) == {}


@pytest.mark.attack
def test_a_signer_of_another_authority_is_not_believed():
    """Anybody can make an authority and sign a perfect chip: the chain ends at one that is not ours."""
    assert said(card(signed_by="theirs").chip) == {"chain": ("unknown_authority",)}
    assert said(card().chip, Trust()) == {"chain": ("unknown_authority",)}


@pytest.mark.attack
def test_an_authority_of_the_same_name_is_not_ours():
    """The name alone proves nothing: both authorities of the tests bear the same one."""
    assert authority("theirs").certificate.subject == authority().certificate.subject
    assert said(card(signed_by="theirs").chip) == {"chain": ("unknown_authority",)}


@pytest.mark.attack
@pytest.mark.parametrize(("group", "reason"), [("dg1", "dg1_altered"), ("dg13", "dg13_altered")])
def test_an_altered_group_is_seen(group, reason):
    """One letter of one group changed: the hash no longer agrees, the signature still does."""
    files = card().chip
    old, new = (b"THU", b"THO") if group == "dg1" else (b"2022-05-20", b"2022-05-21")
    altered = getattr(files, group).replace(old, new)
    assert said(dataclasses.replace(files, **{group: altered}))["hashes"] == (reason,)


@pytest.mark.attack
def test_a_hash_changed_with_its_group_breaks_the_signature():
    """Whoever also writes the new hash into the security object breaks the message digest."""
    files = card().chip
    altered = files.dg13.replace(b"2022-05-20", b"2022-05-21")
    sod = files.sod.replace(hashlib.sha256(files.dg13).digest(), hashlib.sha256(altered).digest())
    found = said(dataclasses.replace(files, dg13=altered, sod=sod))
    assert found == {"signature": ("wrong_signature",)}


@pytest.mark.attack
def test_a_changed_message_digest_breaks_the_signature():
    """The signed attributes are what is signed (RFC 5652 section 5.4): changing the digest in them is seen."""
    files = card().chip
    content = read_sod(files.sod).content
    altered = files.dg13.replace(b"2022-05-20", b"2022-05-21")
    fresh = content.replace(hashlib.sha256(files.dg13).digest(), hashlib.sha256(altered).digest())
    sod = files.sod.replace(content, fresh)
    sod = sod.replace(hashlib.sha256(content).digest(), hashlib.sha256(fresh).digest())
    found = said(dataclasses.replace(files, dg13=altered, sod=sod))
    assert found == {"signature": ("wrong_signature",)}


@pytest.mark.attack
def test_groups_of_two_people():
    """Data group 13 of one card beside the zone of another: the hash and the agreement both say so."""
    mixed = dataclasses.replace(card().chip, dg13=card("tran").chip.dg13)
    found = said(mixed)
    assert found["hashes"] == ("dg13_altered",)
    assert found["agreement"] == (
        "number_differs",
        "name_differs",
        "birth_date_differs",
        "sex_differs",
    )


@pytest.mark.attack
def test_signed_disagreement_is_no_genuine_chip():
    """Even signed by us, a zone and national data of two people are no chip of anybody."""
    dg1, dg13 = card().chip.dg1, card("tran").chip.dg13
    sod = write_sod({1: dg1, 13: dg13}, signer().key, signer().certificate)
    files = dataclasses.replace(card().chip, sod=sod, dg13=dg13)
    assert list(said(files)) == ["agreement"]


@pytest.mark.attack
def test_security_object_of_another_card():
    """A genuine security object covers only the groups it was made for."""
    found = said(dataclasses.replace(card().chip, sod=card("tran").chip.sod))
    assert found == {"hashes": ("dg1_altered", "dg13_altered")}


@pytest.mark.attack
def test_a_group_that_no_hash_covers():
    """A group that the signer never saw is not genuine by being there."""
    files = card().chip
    sod = write_sod({1: files.dg1, 2: b"face"}, signer().key, signer().certificate)
    assert said(dataclasses.replace(files, sod=sod)) == {"hashes": ("dg13_not_listed",)}


@pytest.mark.attack
def test_expired_signer_and_authority():
    """A card is genuine as long as the certificate of its signer lasts, whatever was signed (part 12 section 4.1)."""
    almost = signer().certificate.not_valid_after_utc
    assert said(card().chip, now=almost) == {}
    assert said(card().chip, now=almost + timedelta(seconds=1)) == {"chain": ("signer_expired",)}
    much_later = authority().certificate.not_valid_after_utc + timedelta(days=1)
    assert said(card().chip, now=much_later) == {"chain": ("signer_expired", "authority_expired")}
    earlier = said(card().chip, now=NOW - timedelta(days=1))
    assert earlier == {"chain": ("signer_not_yet_valid", "authority_expired")}


@pytest.mark.attack
def test_revoked_signer():
    """A signer on its authority's list is believed no longer, its older cards neither."""
    serials = frozenset({signer().certificate.serial_number})
    listed = make_revocations(authority(), serials, NOW)
    assert said(card().chip, Trust((authority().certificate,), (listed,))) == {"chain": ("signer_revoked",)}
    other = make_revocations(authority(), frozenset({1}), NOW)
    assert said(card().chip, Trust((authority().certificate,), (other,))) == {}


@pytest.mark.attack
def test_the_authority_itself_signs_no_documents():
    """Key usage and basic constraints keep an authority from signing cards (part 12 section 7)."""
    files, ours = card().chip, authority()
    sod = write_sod({1: files.dg1, 13: files.dg13}, ours.key, ours.certificate)
    assert said(dataclasses.replace(files, sod=sod)) == {"chain": ("signer_unsuitable",)}


@pytest.mark.attack
def test_a_certificate_beside_the_key_that_did_not_sign():
    """A genuine certificate in the file does not make another key's signature genuine."""
    files = card().chip
    thief = make_signer(authority("theirs"), NOW)
    sod = write_sod({1: files.dg1, 13: files.dg13}, thief.key, signer().certificate)
    assert said(dataclasses.replace(files, sod=sod)) == {"signature": ("wrong_signature",)}


def test_cards_are_issued_for_invented_people_only():
    """No card for a number that could be somebody's, for nobody's card, or for one past its end."""
    assert issue_card(holder(), signer(), TODAY).qr.startswith("099190000123|")
    with pytest.raises(CardRefusedError, match="reserved"):
        issue_card(holder("001190000123"), signer(), TODAY)
    with pytest.raises(CardRefusedError, match="no chip card"):
        issue_card(dataclasses.replace(holder(), documents=()), signer(), TODAY)
    with pytest.raises(CardRefusedError, match="no chip card"):
        issue_card(holder(), signer(), date(2031, 1, 1))

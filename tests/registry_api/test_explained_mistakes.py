"""What cannot be read is explained: a stable reason, a sentence in both languages, nobody looked up, nothing kept."""

from __future__ import annotations

import orjson
import pytest

from population_registry.operators.criteria import read_criteria
from population_registry.verification.refusals import Refusal
from tests.registry_api.conftest import LAN, question
from tests.registry_api.dossiers import citizen, filing
from tests.registry_api.test_refusals import rows

pytestmark = pytest.mark.engine


def asked(number=LAN["number"], birth_date=LAN["birth_date"]):
    """A question about Lan, with another number or birth date."""
    body = question(LAN)
    return body | {
        "subject": {"number": number},
        "claims": body["claims"] | {"birth_date": birth_date},
    }


@pytest.mark.parametrize(
    ("body", "member", "reason"),
    [
        (asked("99194000101"), "subject.number", "leading_zero_lost"),
        (asked("O99194000101"), "subject.number", "not_digits"),
        (asked("0991940001011"), "subject.number", "wrong_length"),
        (asked(birth_date="31/02/1994"), "claims.birth_date", "no_date"),
        (asked(birth_date="1994-5-17"), "claims.birth_date", "no_date"),
    ],
)
async def test_a_value_that_is_none_is_explained(registry, body, member, reason):
    """personal-id.md section 14: a lost zero, a letter O, a thirteenth digit, 31 February: each has its sentence."""
    before = await rows(registry)
    token = registry.issuer.token()
    said = {}
    for language in ("vi", "en"):
        answer = await registry.post("/v1/verifications", body, token, **{"Accept-Language": language})
        assert answer.status_code == 400, answer.text
        said[language] = answer.json()
        assert (said[language]["member"], said[language]["reason"]) == (member, reason)
    assert said["vi"]["detail"] != said["en"]["detail"]
    assert "bị thiếu, thừa hoặc sai dạng" not in said["vi"]["detail"]
    assert str(body["subject"]["number"]) not in said["en"]["detail"]
    assert await rows(registry) == before


TEXT = orjson.dumps(question(LAN)).decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), "byte_order_mark"),
        (TEXT.encode("utf-16"), "not_utf8"),
        ('{"purpose": "Thẩm định"}'.encode("cp1258", "replace"), "not_utf8"),
        (TEXT.encode()[:-1], "not_json"),
        (b'{"purpose": "\\ud800"}', "not_json"),
        (TEXT.replace("{", '{"officer": "CA-1", "officer": "CA-2", ', 1).encode(), "member_twice"),
    ],
)
async def test_a_body_in_another_writing_is_explained(registry, content, reason):
    """RFC 8259 section 8.1: UTF-8 without a byte order mark; what else came is said, so that a program is mended."""
    headers = {"Authorization": f"Bearer {registry.issuer.token()}", "Content-Type": "application/json"}
    answer = await registry.http.post("/v1/verifications", content=content, headers=headers)
    assert (answer.status_code, answer.json()["member"]) == (400, "body")
    assert answer.json()["reason"] == reason


@pytest.mark.attack
@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "x"])
async def test_a_lying_content_coding_is_refused(registry, coding):
    """Attack 58: RFC 9110 section 15.5.16: plain JSON that says it is compressed is no question that anybody sent."""
    headers = {
        "Authorization": f"Bearer {registry.issuer.token()}",
        "Content-Type": "application/json",
        "Content-Encoding": coding,
    }
    before = await rows(registry)
    for path in ("/v1/verifications", "/v1/releases", "/v1/confirmations/checks"):
        answer = await registry.http.post(path, content=TEXT.encode(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type"), path
        assert answer.headers["Accept-Encoding"] == "identity"
    assert await rows(registry) == before
    twice = [*(headers | {"Content-Encoding": "identity"}).items(), ("Content-Encoding", coding)]
    assert (
        await registry.http.post("/v1/verifications", content=TEXT.encode(), headers=twice)
    ).status_code == 415
    headers["Content-Encoding"] = "Identity"
    plain = await registry.http.post("/v1/verifications", content=TEXT.encode(), headers=headers)
    assert plain.status_code == 200


async def test_a_period_that_ends_before_it_begins_is_explained(registry):
    """A citizen who swaps the days reads so, and is not told that nobody looked."""
    token = registry.issuer.personal(LAN["number"], scope="registry:access-log")
    answer = await registry.get("/v1/access-log?from=2026-11-30&to=2026-11-01", token)
    said = answer.json()
    assert (answer.status_code, said["member"], said["reason"]) == (400, "to", "period_reversed")
    same = await registry.get("/v1/access-log?from=2026-11-21&to=2026-11-21", token)
    assert same.status_code == 200


async def test_an_unknown_name_is_answered_with_those_that_there_are(registry):
    """A field or claim misspelt, or one that the procedure may not have: which, and what it may ask for instead."""
    token = registry.issuer.personal(LAN["number"], scope="registry:release registry:verify")
    asked = {key: value for key, value in question(LAN).items() if key not in {"subject", "claims"}}
    listed = (await registry.get("/v1/procedures", token)).json()["procedures"]
    (entry,) = (each for each in listed if each["code"] == "1.004194")
    said = {}
    for language in ("vi", "en"):
        spoken = {"Accept-Language": language}
        answer = await registry.post("/v1/releases", asked | {"fields": ["naem"]}, token, **spoken)
        said[language] = answer.json()
        assert (answer.status_code, said[language]["member"]) == (400, "fields.naem")
        assert (said[language]["reason"], said[language]["allowed"]) == (
            "unknown_name",
            sorted(entry["releasable"]),
        )
    assert said["vi"]["detail"] != said["en"]["detail"]
    assert "naem" not in said["en"]["detail"]
    other = await registry.post("/v1/releases", asked | {"fields": ["blood_group", "<script>"]}, token)
    assert "<script>" not in other.text
    body = question(LAN) | {"claims": {"birthdate": "1994-05-17"}}
    claim = (await registry.post("/v1/verifications", body, registry.issuer.token())).json()
    assert (claim["member"], claim["reason"]) == ("claims.birthdate", "unknown_name")
    assert "birth_date" in claim["allowed"]


async def test_a_dossier_whose_period_is_reversed_is_not_filed(authority):
    """A swapped pair of days is refused at filing in both languages and leaves no dossier."""
    token = citizen(authority, LAN)
    said = {}
    for language in ("vi", "en"):
        body = filing(**{"from": "2027-06-02", "until": "2027-06-01"})
        answer = await authority.post("/v1/dossiers", body, token, **{"Accept-Language": language})
        assert answer.status_code == 400, answer.text
        said[language] = answer.json()
        assert (said[language]["member"], said[language]["reason"]) == ("inputs.until", "period_reversed")
    assert said["vi"]["detail"] != said["en"]["detail"]
    assert (await authority.get("/v1/dossiers", token)).json()["dossiers"] == []


@pytest.mark.parametrize(
    ("criteria", "member", "reason"),
    [
        ({"name": "lan", "birth": {"from": 1995, "to": 1990}}, "criteria.birth", "period_reversed"),
        ({"name": "lan", "birth": "31/02/1994"}, "criteria.birth", "no_date"),
        ({"name": "la%n", "birth": "1994"}, "criteria.name", "no_name_fragments"),
        ({"name": "*", "birth": "1994"}, "criteria.name", "no_name_fragments"),
        ({"name": "lan \u202enal", "birth": "1994"}, "criteria.name", None),
    ],
)
def test_criteria_that_cannot_be_searched_by_say_why(criteria, member, reason):
    """An officer who swaps the years or writes a wildcard in the middle reads so."""
    with pytest.raises(Refusal) as refused:
        read_criteria(criteria)
    assert (refused.value.member, refused.value.reason) == (member, reason)


async def test_files_of_a_chip_and_kinds_of_papers_are_explained(registry):
    """Base64 with line breaks, none or two papers at once: which place, why, and what there is."""
    context = {name: value for name, value in question(LAN).items() if name not in {"subject", "claims"}}
    token = registry.issuer.token()
    broken = {"chip": {"sod": "AA\nAA", "dg1": "AAAA", "dg13": "AAAA"}}
    said = (await registry.post("/v1/documents/checks", context | {"document": broken}, token)).json()
    assert (said["member"], said["reason"]) == ("document.chip.sod", "not_base64")
    said = (await registry.post("/v1/documents/checks", context | {"document": {}}, token)).json()
    assert (said["member"], said["allowed"]) == ("document", ["chip", "mrz", "qr"])

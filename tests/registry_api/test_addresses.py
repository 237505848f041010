"""Addresses over HTTP: the public reading of either time's wording, and the claims about a registered address."""

from __future__ import annotations

import pytest

from tests.registry_api.conftest import HAN, LAN, NOBODY

pytestmark = pytest.mark.engine
PATH = "/v1/references/addresses"


async def test_an_old_wording_leads_to_todays_commune(registry):
    """Public, without a token: the commune of today, the ward that led there, the house, and why."""
    answer = await registry.http.post(PATH, json={"text": "Số 5, Phường Trúc Bạch, Quận Ba Đình, Hà Nội"})
    assert answer.json() == {
        "candidates": [
            {
                "commune": {
                    "code": "00004", "name": "Ba Đình", "kind": "phuong", "province_code": "01", "province": "Hà Nội",
                },
                "former_ward": "00004",
                "detail": "Số 5",
                "grade": "equal_after_normalisation",
                "reasons": ["unit_merged"],
            }
        ]
    }  # a table, read by rows  # fmt: skip


async def test_every_candidate_is_given(registry):
    """A name borne by several communes is answered with all of them, each marked ambiguous."""
    found = (await registry.http.post(PATH, json={"text": "Xã Tân Lập"})).json()["candidates"]
    assert len(found) > 5
    assert all("unit_ambiguous" in each["reasons"] or "unit_split" in each["reasons"] for each in found)


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x" * 301}, {"text": 5}, {"text": "a", "more": 1}]
)
async def test_a_reading_is_asked_strictly(registry, body):
    """Missing, empty, too long, of another type, or with strange members: refused, in words of both languages."""
    titles = set()
    for language in ("vi", "en"):
        answer = await registry.http.post(PATH, json=body, headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["content-language"]) == (422, language)
        assert answer.headers["content-type"] == "application/problem+json"
        titles.add(answer.json()["title"])
    assert len(titles) == 2


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("Bản Mẫu 2, Xã Thông Thụ, Nghệ An", "match"),
        ({"detail": "Bản Mẫu 2", "code": "16744"}, "match"),
        ({"detail": "Bản Mẫu 2", "commune": "Thông Thụ", "province": "Nghệ An"}, "match"),
        ("Bản Mẫu 2, Xã Thử Nghiệm, Huyện Mô Phỏng, Nghệ An", "match"),
        ("Xã Thông Thụ, Nghệ An", "close"),
        ("Bản Khác, Xã Thông Thụ, Nghệ An", "mismatch"),
        ("Bản Mẫu 2, Phường Ba Đình, Hà Nội", "mismatch"),
    ],
)
async def test_a_registered_address_is_compared(registry, value, flag):
    """The claim takes a text, named parts, or a code; the answer holds a flag and never the address."""
    answer = await registry.verify(LAN, claims={"permanent_address": value})
    assert answer.json()["results"]["permanent_address"]["flag"] == flag, answer.text
    assert "16744" not in str(answer.json()["results"])


@pytest.mark.attack
async def test_addresses_are_not_told_of_nobody(registry):
    """Attack 50: for nobody and for a wrong name the claim says nothing."""
    for who in (NOBODY, HAN | {"name": "Lý Ngọc Khác"}):
        said = (await registry.verify(who, claims={"permanent_address": "Hà Nội"})).json()
        assert said["results"]["permanent_address"]["reasons"] == ["identity_not_established"]


@pytest.mark.parametrize(
    "value",
    [
        5,
        "",
        {"code": "1"},
        {"code": "00004", "commune": "x"},
        {"detail": "x"},
        {"commune": 5},
        ["x"],
        "x" * 301,
    ],
)
async def test_an_address_is_read_strictly(registry, value):
    """What is no address is refused at its place."""
    answer = await registry.verify(LAN, claims={"permanent_address": value})
    assert (answer.status_code, answer.json()["member"]) == (400, "claims.permanent_address")

"""Assisted filing over HTTP: a helper and a citizen are two parties, and what comes of it is one delegated token."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from idp.accounts.assistance import CODES_AN_HOUR, PAPERS_A_DAY, TRIES
from idp.domain.decision import Decision
from idp.domain.writes import KillGrantsOf
from tests.idp_endpoints.counter import (
    Somebody,
    act,
    active,
    detail,
    helper,
    mails,
    opened,
    post,
    redeemed,
    somebody,
)
from tests.idp_endpoints.people import AN, REGISTRY
from tests.idp_endpoints.provider import FIELD, Provider
from tests.idp_endpoints.test_token_exchange import claims_of, signed_in

pytestmark = pytest.mark.engine
PAPER = {"paper_number": "GUQ-17/2026", "paper_scan": "ab" * 32, "paper_witness": "MC-00166-006"}


async def code_of(provider: Provider, email: str) -> str:
    """The last code in somebody's mailbox."""
    return (await mails(provider, email, "assisted_code"))[-1]["code"]


async def asked(provider: Provider, way: str = "code", **changes: Any) -> tuple[Any, Any, str]:
    """A helper, a citizen, and what waits for the citizen."""
    staff, citizen = await helper(provider), await somebody(provider)
    answer = await opened(provider, staff, citizen, way, **changes)
    assert answer.status_code == 200, answer.text
    return staff, citizen, answer.json()["auth_req_id"]


async def test_a_code_read_aloud_becomes_one_delegated_token(provider: Provider) -> None:
    """Public services 12(b), RFC 8693 4.1: sub is the citizen, act the staff member; one dossier, minutes, told."""
    wanted = detail()
    staff, citizen, request = await asked(provider, authorization_details=json.dumps([wanted]))
    sent = (await act(provider, staff, request, "send_code")).json()
    assert sent["status"] == "code_sent"
    assert sent["to"].startswith(f"{citizen.email[0]}•••@")
    mail = (await mails(provider, citizen.email, "assisted_code"))[-1]
    assert mail["helper"] == "Trần Văn Quầy"
    assert mail["dossier"] == wanted["dossier"]
    done = await act(
        provider, staff, request, "confirm_code", code=f" {mail['code'][:3]} {mail['code'][3:]} "
    )
    assert done.json() == {"status": "confirmed"}, done.text
    tokens = (await redeemed(provider, request)).json()
    assert not {"refresh_token", "id_token"} & tokens.keys()
    claims = claims_of(tokens["access_token"])
    assert claims["pid"] == citizen.number
    assert claims["aud"] == REGISTRY
    assert claims["authorization_details"] == [wanted]
    assert claims["act"] == {
        "sub": staff.subject,
        "kind": "assistance",
        "organisation": "Trung tâm phục vụ hành chính công thử nghiệm",
        "confirmation": "code",
    }
    assert set(claims["scope"].split()) == {"pid", "registry:dossiers", "registry:release"}
    assert claims["exp"] - claims["iat"] <= 300
    assert (await mails(provider, citizen.email, "assisted_done"))[-1]["organisation"]
    history = await provider.app.state.storage.records.history(citizen.account_id)
    assert {"delegated", "approval_given", "code_sent"} <= {each.kind for each in history}
    theirs = await provider.app.state.storage.records.history(staff.account_id)
    assert "acted_for" in {each.kind for each in theirs}


async def test_a_paper_opens_less_and_names_itself(provider: Provider) -> None:
    """Public services 12(c): nothing is released on paper; number, scan and witness stand in the history."""
    staff, citizen, request = await asked(provider, "paper")
    assert (await act(provider, staff, request, "record_paper", **PAPER)).json() == {"status": "confirmed"}
    claims = claims_of((await redeemed(provider, request)).json()["access_token"])
    assert set(claims["scope"].split()) == {"pid", "registry:dossiers"}
    assert claims["act"]["confirmation"] == "paper"
    rows = await provider.app.state.storage.records.history(citizen.account_id)
    (given,) = [row for row in rows if row.kind == "approval_given"]
    assert {f"paper:{value}" for value in PAPER.values()} <= set(given.claims)


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [{"paper_number": "x"}, {"paper_scan": "AB" * 32}, {"paper_witness": "a b"}, {"paper_number": None}],
)
async def test_a_paper_is_recorded_whole_or_not_at_all(
    provider: Provider, changes: dict[str, str | None]
) -> None:
    """Every part of the evidence is needed and well formed."""
    staff, _, request = await asked(provider, "paper")
    answer = await act(provider, staff, request, "record_paper", **(PAPER | changes))
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("paper_")
    assert (await redeemed(provider, request)).json()["error"] == "authorization_pending"


@pytest.mark.attack
async def test_no_token_without_confirmation(provider: Provider) -> None:
    """Attack 52: until the citizen says yes there is nothing; a wrong code is no yes, and tries end."""
    staff, citizen, request = await asked(provider)
    assert (await redeemed(provider, request)).json()["error"] == "authorization_pending"
    await act(provider, staff, request, "send_code")
    right = await code_of(provider, citizen.email)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    answers = await asyncio.gather(
        *(act(provider, staff, request, "confirm_code", code=wrong) for _ in range(TRIES + 4))
    )
    told = [each.json() for each in answers]
    assert sum(each.get("status") == "wrong_code" for each in told) == TRIES
    late = await act(provider, staff, request, "confirm_code", code=right)
    assert late.json()["error"] == "too_many_tries"
    assert (await redeemed(provider, request)).status_code == 400


@pytest.mark.attack
async def test_a_confirmation_counts_once_and_for_its_own_dossier(provider: Provider) -> None:
    """Attack 41: a code of one request confirms no other; redeemed twice, what the first gave is dead."""
    staff, citizen, first = await asked(provider)
    second = (await opened(provider, staff, citizen)).json()["auth_req_id"]
    await act(provider, staff, first, "send_code")
    code = await code_of(provider, citizen.email)
    other = await act(provider, staff, second, "confirm_code", code=code)
    assert other.json()["status"] == "wrong_code"
    assert (await act(provider, staff, first, "confirm_code", code=code)).json()["status"] == "confirmed"
    again = await act(provider, staff, first, "confirm_code", code=code)
    assert again.json()["error"] == "not_waiting"
    token = (await redeemed(provider, first)).json()["access_token"]
    assert await active(provider, token)
    assert (await redeemed(provider, first)).json()["error"] == "invalid_grant"
    assert not await active(provider, token)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("staff", "error"),
    [
        ({"role": "auditor"}, "access_denied"),
        ({"role": "counter_clerk", "account_type": "citizen"}, "access_denied"),
        ({"agency": None}, "access_denied"),
    ],
)
async def test_only_staff_of_an_organisation_helps(
    provider: Provider, staff: dict[str, Any], error: str
) -> None:
    """Public services 12: an own account of that kind; being an officer of another sort is not enough."""
    made, citizen = await helper(provider, **staff), await somebody(provider)
    answer = await opened(provider, made, citizen)
    assert (answer.status_code, answer.json()["error"]) == (403, error)


@pytest.mark.attack
async def test_a_helper_with_one_factor_or_for_themselves_is_refused(provider: Provider) -> None:
    """E-ID accounts 6: two factors; and nobody is both parties."""
    weak, citizen = await helper(provider, acr="l2-a1"), await somebody(provider)
    assert (await opened(provider, weak, citizen)).status_code == 403
    staff = await helper(provider)
    assert (await opened(provider, staff, staff)).json()["error"] == "access_denied"


@pytest.mark.attack
async def test_another_helper_cannot_confirm(provider: Provider) -> None:
    """The request belongs to who opened it; a citizen's own token is no helper's."""
    _, citizen, request = await asked(provider)
    other = await helper(provider)
    assert (await act(provider, other, request, "send_code")).json()["error"] == "invalid_request"
    assert (await act(provider, citizen, request, "send_code")).status_code == 403
    assert not await mails(provider, citizen.email, "assisted_code")


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"authorization_details": None}, "invalid_authorization_details"),
        ({"authorization_details": json.dumps([detail(), detail()])}, "invalid_authorization_details"),
        ({"resource": "http://localhost:8000"}, "invalid_target"),
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"confirmation": "wink"}, "invalid_request"),
        ({"confirmation": None}, "invalid_request"),
        ({"actor_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"actor_token": "x.y.z"}, "invalid_request"),
    ],
)
async def test_a_request_of_a_helper_is_for_one_dossier(
    provider: Provider, changes: dict[str, str | None], error: str
) -> None:
    """RFC 9396: one dossier, one resource, and scopes that a helper may have."""
    answer = await opened(provider, await helper(provider), await somebody(provider), **changes)
    assert answer.json()["error"] == error, answer.text


@pytest.mark.attack
async def test_pushing_and_mailing_have_limits(provider: Provider) -> None:
    """Attack 45: three requests wait for one person, and a mailbox gets few codes an hour."""
    staff, citizen = await helper(provider), await somebody(provider)
    answers = [await opened(provider, staff, citizen) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 403]
    request = answers[0].json()["auth_req_id"]
    sent = [await act(provider, staff, request, "send_code") for _ in range(CODES_AN_HOUR + 1)]
    assert [each.status_code for each in sent] == [200] * CODES_AN_HOUR + [409]
    assert sent[-1].json()["error"] == "too_many_codes"


@pytest.mark.attack
async def test_papers_of_one_helper_are_counted_by_the_day(provider: Provider) -> None:
    """Nobody files for a village on paper that only they saw."""
    staff = await helper(provider)
    done = []
    for _ in range(PAPERS_A_DAY + 1):
        request = (await opened(provider, staff, await somebody(provider), "paper")).json()["auth_req_id"]
        done.append(await act(provider, staff, request, "record_paper", **PAPER))
    assert [each.status_code for each in done] == [200] * PAPERS_A_DAY + [409]
    assert done[-1].json()["error"] == "paper_limit"


@pytest.mark.attack
@pytest.mark.parametrize("who", ["helper", "citizen"])
async def test_what_was_confirmed_dies_with_either_party(provider: Provider, who: str) -> None:
    """Attack 28: locked between confirmation and redemption, or after it, nobody acts any more."""
    staff, citizen, request = await asked(provider, "paper")
    await act(provider, staff, request, "record_paper", **PAPER)
    locked = staff if who == "helper" else citizen
    kill = KillGrantsOf(locked.account_id, "locked")
    await provider.app.state.storage.committing.commit(Decision(None, (kill,)))
    answer = await redeemed(provider, request)
    assert answer.status_code == 400, answer.text
    assert "access_token" not in answer.text


@pytest.mark.attack
async def test_a_delegated_token_helps_nobody_further(provider: Provider) -> None:
    """It opens no request of another, and is no actor token: no chain begins at a counter."""
    staff, _, request = await asked(provider, "paper")
    await act(provider, staff, request, "record_paper", **PAPER)
    token = (await redeemed(provider, request)).json()["access_token"]
    staff.token = token
    answer = await opened(provider, staff, await somebody(provider))
    assert answer.json()["error"] == "invalid_request"


async def test_the_ways_do_not_mix(provider: Provider) -> None:
    """What was asked for on paper is confirmed on paper, and without a helper there is nothing to confirm."""
    staff, _, request = await asked(provider, "paper")
    assert (await act(provider, staff, request, "send_code")).json()["error"] == "another_way"
    staff, _, request = await asked(provider, "app")
    assert (await act(provider, staff, request, "record_paper", **PAPER)).json()["error"] == "another_way"
    for form in (
        {},
        {"auth_req_id": "x"},
        {"act": "dance", "auth_req_id": request, "actor_token": staff.token},
    ):
        answer = await post(provider, "/eid/v1/assistance", form)
        assert answer.json()["error"] == "invalid_request"


@pytest.mark.attack
async def test_the_citizen_sees_who_asks_and_may_refuse(provider: Provider) -> None:
    """Public services 12(a), attack 45: name, organisation and dossier are shown before any yes; a no ends it."""
    wanted, staff = detail(), await helper(provider)
    browser, _ = await signed_in(provider, AN, scope="openid")
    answer = await post_for(provider, staff, AN.number, wanted)
    page = (await browser.http.get("/account/approvals?lang=vi")).text
    assert "Trần Văn Quầy, Trung tâm phục vụ hành chính công thử nghiệm" in page
    assert wanted["dossier"] in page
    cards = page.partition(wanted["dossier"])[2]
    fields = dict(FIELD.findall(cards)) | {"answer": "deny"}
    assert (await browser.http.post("/account/approvals", data=fields)).status_code == 303
    assert (await redeemed(provider, answer)).json()["error"] == "access_denied"


async def post_for(provider: Provider, staff: Somebody, number: str, wanted: dict[str, Any]) -> str:
    """A request in the app for somebody with an account of the other tests."""
    citizen = Somebody("", number, "")
    answer = await opened(provider, staff, citizen, "app", authorization_details=json.dumps([wanted]))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["auth_req_id"])

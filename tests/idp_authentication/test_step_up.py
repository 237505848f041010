"""What is missing for the asked level."""

from dataclasses import replace

import pytest

from idp.authentication import consent
from idp.authentication.begin import recognise
from idp.authentication.consent import GoBack
from idp.authentication.devices import Device, read_device, write_device
from idp.authentication.own_account import OwnAct, sign_out_everywhere, withdraw
from idp.authentication.step_up import Missing, missing
from idp.authentication.throttling import network_of
from idp.domain.account import AccountStatus, Credentials
from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.errors import PageProblem
from idp.domain.session import Step
from idp.domain.writes import KillGrantsOf, SaveInteraction, WithdrawConsent
from tests.idp_authentication.conftest import (
    ACCOUNT,
    ASKS,
    BROWSER,
    CREDENTIALS,
    INTERACTION,
    NOW,
    POLICY,
    SESSION,
    facts,
)

ACR = "urn:example:vn:acr:"
ONE = replace(ACCOUNT, level=1)


@pytest.mark.parametrize(
    ("values", "account", "amr", "answer"),
    [
        (("l2-a1",), ACCOUNT, ["pwd"], Missing.NOTHING),
        (("l2-a2",), ACCOUNT, ["pwd"], Missing.SECOND_FACTOR),
        (("l2-a2",), ACCOUNT, ["pwd", "otp"], Missing.NOTHING),
        (("l2-a2",), ONE, ["pwd"], Missing.ACCOUNT_LEVEL),
        (("l2-a2", "l1-a2"), ONE, ["pwd"], Missing.SECOND_FACTOR),
        (("l2-a3",), ACCOUNT, ["pwd", "otp"], Missing.METHOD),
        (("l2-a4", "l2-a2"), ACCOUNT, ["pwd"], Missing.SECOND_FACTOR),
        (("unknown",), ACCOUNT, ["pwd"], Missing.NOTHING),
        ((), ONE, ["pwd"], Missing.NOTHING),
    ],
)
def test_what_is_missing(values: tuple[str, ...], account, amr: list[str], answer: Missing) -> None:
    """Account level and authentication level are a partial order; of several values the nearest is aimed at."""
    asked = replace(ASKS, acr_values=tuple(ACR + value for value in values))
    assert missing(asked, 1, account, CREDENTIALS, amr) is answer


def test_without_second_factor_the_method_is_missing() -> None:
    """An account without app and address cannot reach level 2 here."""
    asked = replace(ASKS, acr_values=(ACR + "l2-a2",))
    assert missing(asked, 2, ACCOUNT, Credentials("x"), ["pwd"]) is Missing.METHOD


@pytest.mark.parametrize(
    ("essential", "refusal"), [(True, "unmet_authentication_requirements"), (False, None)]
)
def test_only_the_essential_is_refused(essential: bool, refusal: str | None) -> None:
    """A voluntary level is simply not reached; an essential one is refused (OIDC Core section 5.5.1.1)."""
    acr = ClaimRequest(essential=essential, values=(ACR + "l2-a2",))
    asked = replace(ASKS, claims=ClaimsRequest(id_token={"acr": acr}))
    known = facts(interaction=replace(INTERACTION, step=Step.STEP_UP, request=asked))
    (saved,) = consent.go_back(GoBack(INTERACTION.interaction_id, BROWSER), known, POLICY).writes
    assert isinstance(saved, SaveInteraction)
    assert saved.interaction.refusal == refusal


def test_devices_round_trip() -> None:
    """A device cookie's plaintext reads back; anything else is no device."""
    device = Device("d" * 22, "acc-lan", NOW)
    assert read_device(write_device(device)) == device
    for broken in (b"", b"2|x", write_device(device) + b"|x", b"\xff" * 40):
        assert read_device(broken) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1%eth0", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    """An attacker owns a whole IPv6 /64, so it counts as one address."""
    assert network_of(address) == network


@pytest.mark.attack
@pytest.mark.parametrize("act", [withdraw, sign_out_everywhere])
@pytest.mark.parametrize(
    "changes",
    [
        {"session": None},
        {"session": replace(SESSION, expires_at=NOW)},
        {"session": SESSION, "account": replace(ACCOUNT, status=AccountStatus.LOCKED)},
        {"session": SESSION, "account": replace(ACCOUNT, account_id="acc-phuc")},
    ],
)
def test_own_account_only(act, changes: dict[str, object]) -> None:
    """Without a living session of a usable account nothing is changed, for nobody (Zitadel CVE-2024-39683)."""
    with pytest.raises(PageProblem):
        act(OwnAct(b"s" * 32, "portal"), facts(**changes), POLICY)
    assert recognise(b"s" * 32, facts(**changes), POLICY).outcome is None


def test_withdrawing_kills_the_grants() -> None:
    """A withdrawn consent takes the client's grants with it, of this account only."""
    decision = withdraw(OwnAct(b"s" * 32, "portal"), facts(session=SESSION), POLICY)
    assert decision.writes == (
        WithdrawConsent("acc-lan", "portal"),
        KillGrantsOf("acc-lan", "consent_withdrawn", client_id="portal"),
    )

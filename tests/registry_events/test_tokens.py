"""What events say (RFC 8417) and when they are said again; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts.registry_events import RegistryEventKind, read_events
from population_registry.events.retrying import LONGEST, MOST_TRIES, quiet_after, wait_after
from population_registry.events.tokens import PREFIX, Happening, event_claims, names_of

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EVENT = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")


def claims(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The claims of an event that happened an hour ago."""
    happening = Happening(EVENT, kind, "H01.2", body, NOW - timedelta(hours=1))
    return event_claims(happening, issuer="https://r.example", audience="https://id.example", now=NOW)


@pytest.mark.parametrize(
    ("kind", "body", "meant"),
    [
        ("registry.RecordDeath", {}, RegistryEventKind.DEATH),
        ("registry.SetPersonStatus", {"status": "deceased"}, RegistryEventKind.DEATH),
        ("registry.SetPersonStatus", {"status": "nationality_lost"}, RegistryEventKind.NATIONALITY_LOST),
        ("registry.SetPersonStatus", {"status": "missing_declared"}, RegistryEventKind.RECORD_CHANGED),
        ("registry.EndResidence", {}, RegistryEventKind.RECORD_CHANGED),
        ("registry.WithdrawCard", {}, RegistryEventKind.CARD_WITHDRAWN),
        ("registry.ReturnCard", {}, RegistryEventKind.CARD_RETURNED),
        (
            "registry.ReestablishNumber",
            {"new_person": "099194000999"},
            RegistryEventKind.NUMBER_REESTABLISHED,
        ),
    ],
)
def test_the_provider_understands_what_concerns_accounts(
    kind: str, body: dict[str, Any], meant: RegistryEventKind
) -> None:
    """Both ends agree, though neither imports the other: the provider's reader takes the registry's claims."""
    said = claims(kind, {"person": "099194000101"} | body)
    event, *beside = read_events(
        said,
        issuer="https://r.example",
        audience="https://id.example",
        now=int(NOW.timestamp()),
        tolerance=5,
    )
    assert (event.kind, event.number, event.jti) == (meant, "099194000101", str(EVENT))
    assert event.at == int(NOW.timestamp()) - 3600
    assert {each.kind for each in beside} <= {RegistryEventKind.RECORD_CHANGED}


def test_an_event_is_no_other_token() -> None:
    """RFC 8417 section 4.1 and RFC 8725: no `exp`, no `sub`, one audience; a dossier is named by its code."""
    said = claims("dossier.event", {"dossier_code": "H01.2", "state": "done"})
    assert said.keys() == {"iss", "aud", "iat", "toe", "jti", "sub_id", "events"}
    assert said["sub_id"] == {"format": "opaque", "id": "H01.2"}
    assert said["events"] == {f"{PREFIX}dossier-changed": {"dossier_code": "H01.2", "state": "done"}}


def test_a_personal_number_stands_in_the_subject_alone() -> None:
    """RFC 9493: the payload repeats nobody's number."""
    said = claims("registry.ReestablishNumber", {"person": "099194000101", "new_person": "099194000999"})
    assert said["sub_id"]["id"] == "099194000101"
    assert said["events"][f"{PREFIX}number-reestablished"] == {
        "new_sub_id": {"format": "opaque", "id": "099194000999"}
    }


@given(st.text(alphabet="abcXYZ._", min_size=1, max_size=30))
def test_every_kind_has_a_name(kind: str) -> None:
    """Kinds that nobody thought of are named by their words, so a new act needs no change here."""
    assert all(name == name.lower() for name in names_of(f"registry.{kind}", {}))


@given(st.integers(1, MOST_TRIES - 1), st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_end(tries: int, chance: float) -> None:
    """Never sooner than half of the doubled wait, never longer than an hour; the last try has no next."""
    wait = wait_after(tries, chance)
    assert wait is not None
    full = min(timedelta(seconds=2) * 2 ** (tries - 1), LONGEST)
    assert full / 2 <= wait <= full
    assert quiet_after(wait) <= timedelta(minutes=1)
    assert wait_after(MOST_TRIES, chance) is None

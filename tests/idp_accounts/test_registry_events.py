"""Reading security events of the registry: who said it, to whom, about whom."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts.life import LockReason
from idp.accounts.registry_events import (
    PREFIX,
    EventRefused,
    RegistryEvent,
    RegistryEventKind,
    act_of,
    read_events,
)

NOW = 1_795_000_000
REGISTRY, US = "https://registry.example", "https://idp.example"
NUMBER, OTHER = "099194000101", "099194000999"


def claims(*kinds: str, **changes: Any) -> dict[str, object]:
    """A token's claims as the registry makes them."""
    return {
        "iss": REGISTRY,
        "aud": US,
        "iat": NOW,
        "jti": "event-1",
        "sub_id": {"format": "opaque", "id": NUMBER},
        "events": {f"{PREFIX}{kind}": {} for kind in kinds or ("death",)},
    } | changes


def read(given: dict[str, object]) -> tuple[RegistryEvent, ...]:
    """The events of claims."""
    return read_events(given, issuer=REGISTRY, audience=US, now=NOW, tolerance=10)


def test_an_event_of_the_registry() -> None:
    """RFC 8417 section 2.2; RFC 9493 section 3.2.5; ``toe`` is when it happened."""
    (event,) = read(claims("death", toe=NOW - 60))
    assert (event.kind, event.number, event.at) == (RegistryEventKind.DEATH, NUMBER, NOW - 60)
    assert act_of(event).because == LockReason.DEATH
    assert NUMBER not in repr(event)


def test_unknown_kinds_mean_nothing() -> None:
    """RFC 8417 section 2: a receiver may not know every event; the known ones beside it count."""
    elsewhere = {"https://elsewhere.example/event": {}}
    assert read(claims(events=elsewhere)) == ()
    assert read(claims(events=elsewhere, sub_id={"format": "opaque", "id": "G01.899.05-261121-010042"})) == ()
    both = claims(events={"urn:other": {}, f"{PREFIX}card-withdrawn": {}})
    assert [each.kind for each in read(both)] == [RegistryEventKind.CARD_WITHDRAWN]


def test_a_new_number_is_told_and_differs() -> None:
    """Domain facts 11: the number changes, so the event must bring another one."""
    kind = f"{PREFIX}number-reestablished"
    new = {"new_sub_id": {"format": "opaque", "id": OTHER}}
    (event,) = read(claims(events={kind: new}))
    assert event.new_number == OTHER
    for payload in ({}, {"new_sub_id": {"format": "opaque", "id": NUMBER}}):
        with pytest.raises(EventRefused, match="invalid_request"):
            read(claims(events={kind: payload}))


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changes", "err"),
    [
        ({"iss": "https://evil.example"}, "invalid_issuer"),
        ({"aud": [US, "https://evil.example"]}, "invalid_audience"),
        ({"aud": REGISTRY}, "invalid_audience"),
        ({"jti": ""}, "invalid_request"),
        ({"iat": NOW + 11}, "invalid_request"),
        ({"iat": True}, "invalid_request"),
        ({"exp": NOW + 60}, "invalid_request"),
        ({"toe": NOW + 3_600}, "invalid_request"),
        ({"sub_id": {"format": "opaque", "id": "abc"}}, "invalid_request"),
        ({"sub_id": {"format": "email", "id": NUMBER}}, "invalid_request"),
        ({"events": []}, "invalid_request"),
        ({"events": {f"{PREFIX}{n}": {} for n in range(9)}}, "invalid_request"),
        ({"events": {f"{PREFIX}death": None}}, "invalid_request"),
    ],
)
def test_what_is_no_event_for_us(changes: dict[str, object], err: str) -> None:
    """RFC 8935 section 2.4; CVE-2025-27370: another issuer, another audience, another shape."""
    with pytest.raises(EventRefused) as refused:
        read(claims(**changes))
    assert refused.value.err == err


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "iat", "jti", "sub_id", "events", "toe"]), st.from_type(object)
    )
)
def test_reading_never_fails_otherwise(changes: dict[str, object]) -> None:
    """Whatever the members hold, the answer is events or a refusal."""
    with suppress(EventRefused):
        read(claims() | changes)

"""A person's own phones: listed and removed in the account centre, or given up by the app itself."""

from dataclasses import dataclass

from idp.accounts.device_acts import SignedAct, proven, spend
from idp.accounts.device_changes import removal
from idp.authentication.begin import SignedInPerson, person_of
from idp.authentication.passkey_keeping import Done, ProveFirst, is_fresh
from idp.domain.decision import Decision
from idp.domain.device_key import DeviceKey
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy

DEVICE_GONE = "device_gone"


@dataclass(frozen=True, slots=True)
class KeepDevices:
    """An act of the holder of the session cookie on their own phones; the account is the session's."""

    digest: bytes | None
    device_id: str = ""

    @property
    def needs(self) -> Needs:
        """The session, its account and its devices."""
        return Needs(session_digest=self.digest, account_of_session=True, credentials=True, devices=True)


@dataclass(frozen=True, slots=True)
class HeldDevices:
    """The person and their phones; ``fresh``: they may remove one now."""

    person: SignedInPerson
    devices: tuple[DeviceKey, ...]
    fresh: bool


def held(act: KeepDevices, facts: Facts, policy: Policy) -> Decision[HeldDevices]:
    """What the page shows. Raises PageProblem when nobody is signed in."""
    person = person_of(act.digest, facts, policy)
    return Decision(HeldDevices(person, facts.devices, is_fresh(person.session, facts.now, policy)))


def remove(act: KeepDevices, facts: Facts, policy: Policy) -> Decision[Done | ProveFirst]:
    """Forget one of mine; sessions that it opened go on until they are ended."""
    person = person_of(act.digest, facts, policy)
    device = next((each for each in facts.devices if each.device_id == act.device_id), None)
    if device is None:
        raise PageProblem(DEVICE_GONE, 410)
    if not is_fresh(person.session, facts.now, policy):
        return Decision(ProveFirst())
    return Decision(Done(), *removal(device, person.account, facts))


def give_up(act: SignedAct, facts: Facts, policy: Policy) -> Decision[Done]:
    """The app forgets its own key. Raises DeviceRefused."""
    device, account = proven(act, facts, policy)
    writes, events = removal(device, account, facts)
    return Decision(Done(), (spend(act, facts), *writes), events)

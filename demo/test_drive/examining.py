"""Drives a portal through every fault, as one browser after another, and tells what it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from demo.test_drive.drive import PATH, PATIENCE
from demo.test_drive.faults import Fault
from demo.test_drive.grading import LOGIN_CSRF, Conduct, Finding, conduct_of

OUTAGES: Final = {Fault.UNAVAILABLE, Fault.NOT_JSON, Fault.SLOW, Fault.SERVER_ERROR}
LONGEST: Final = PATIENCE + 15
MOST_STEPS: Final = 15


class CannotExamine(Exception):
    """The honest sign-in does not work, so that a refusal would prove nothing."""


@dataclass(frozen=True, slots=True)
class Portal:
    """What is examined: where signing in begins, a page that only the signed-in see, its name at the provider."""

    sign_in: str
    page: str
    client_id: str


class Examiner:
    """One portal before one driven provider. ``transport`` serves tests that keep both in one process."""

    def __init__(
        self,
        portal: Portal,
        issuer: str,
        *,
        persona: str = "lan",
        faults: Sequence[Fault] = tuple(Fault),
        transport: Any = None,
    ) -> None:
        self._portal = portal
        self._issuer = issuer.rstrip("/")
        self._persona = persona
        self._faults = faults
        self._transport = transport

    async def findings(self) -> "list[Finding]":
        """All of them. Raises :class:`CannotExamine`; the order is lifted in any case."""
        try:
            back = await self._honest()
            found = [await self._login_csrf(back)]
            found += [await self._fault(fault) for fault in self._faults]
        finally:
            async with self._browser() as control:
                await control.delete(self._order)
        return found

    @property
    def _order(self) -> str:
        return f"{self._issuer}{PATH}/{self._portal.client_id}"

    def _browser(self) -> httpx2.AsyncClient:
        options = {} if self._transport is None else {"transport": self._transport}
        return httpx2.AsyncClient(timeout=LONGEST, **options)

    async def _ordered(self, fault: Fault | None) -> None:
        async with self._browser() as control:
            answer = await control.put(self._order, json={"persona": self._persona, "fault": fault})
        if answer.status_code != httpx2.codes.OK:
            raise CannotExamine(f"the provider takes no orders: {answer.status_code} {answer.text[:200]}")

    async def _honest(self) -> str:
        """Sign in without a fault; answers the address by which the portal was told."""
        async with self._browser() as stranger:
            if await self._signed_in(stranger):
                raise CannotExamine(f"{self._portal.page} opens to strangers: name a page of the signed-in")
        await self._ordered(None)
        async with self._browser() as browser:
            told = await self._walked(browser)
            if not await self._signed_in(browser):
                raise CannotExamine(f"an honest sign-in ended at {told.url} with {told.status_code}")
        async with (
            self._browser() as another
        ):  # an answer that nobody has spent yet, for the trial of login CSRF
            back = await self._walked(another, until_told=True)
        return str(back.headers["location"])

    async def _login_csrf(self, address: str) -> Finding:
        async with self._browser() as victim:
            answer = await victim.get(address)
            signed_in = await self._signed_in(victim)
        conduct = conduct_of(
            signed_in=signed_in, status=answer.status_code, brought=True, honest_outage=False
        )
        return Finding(LOGIN_CSRF, conduct, answer.status_code)

    async def _fault(self, fault: Fault) -> Finding:
        await self._ordered(fault)
        async with self._browser() as browser:
            try:
                answer = await self._walked(browser)
            except httpx2.TimeoutException:
                return Finding(fault.value, Conduct.HUNG)
            signed_in = await self._signed_in(browser)
            state = (await browser.get(self._order)).json()
        conduct = conduct_of(
            signed_in=signed_in,
            status=answer.status_code,
            brought=state["brought"] == fault,
            honest_outage=fault in OUTAGES,
        )
        return Finding(fault.value, conduct, answer.status_code)

    async def _walked(self, browser: httpx2.AsyncClient, *, until_told: bool = False) -> httpx2.Response:
        """Follow redirects from the sign-in to the last page; or stop at the provider's answer to the portal."""
        answer = await browser.get(self._portal.sign_in)
        for _ in range(MOST_STEPS):
            if answer.next_request is None:
                return answer
            asked_provider = str(answer.url).startswith(f"{self._issuer}/")
            if until_told and asked_provider and not str(answer.next_request.url).startswith(self._issuer):
                return answer
            answer = await browser.send(answer.next_request)
        raise CannotExamine(f"redirects without an end, last {answer.url}")

    async def _signed_in(self, browser: httpx2.AsyncClient) -> bool:
        """A redirect, a 401 or a 403 is the answer to strangers."""
        return (await browser.get(self._portal.page)).status_code == httpx2.codes.OK


def lines(findings: "list[Finding]") -> Iterator[str]:
    """The report, a line for each trial."""
    width = max(len(each.trial) for each in findings)
    for each in findings:
        mark = "✓" if each.good else "✗"
        yield f"{mark} {each.trial:{width}}  {each.conduct.value}{f' ({each.status})' if each.status else ''}"

"""Signs a persona in by the provider's own pages, without anybody in front of them.

No side door: every request goes through the finished provider in this process, with the cookies of a browser that
nobody has ever used; the one-click sign-in of the demo answers password and code, then the consent page is agreed to.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

import httpx2
from starlette.types import ASGIApp

from idp.domain import paths

MOST_STEPS: Final = 12
Mailed = Callable[[], Awaitable[str]]
"""Waits for the code in the persona's mailbox."""


class Stuck(Exception):
    """The pages led nowhere: the persona is locked, or a page asks for what a test drive cannot give."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__(f"{answer.status_code} at {answer.url.path}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page: where it goes and its hidden fields."""

    action: str
    hidden: dict[str, str]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(held.get("action", ""), {}))
        elif tag == "input" and held.get("type") == "hidden" and self.found:
            self.found[-1].hidden[held.get("name", "")] = held.get("value", "")


def forms_of(page: str) -> dict[str, Form]:
    """The forms of a page by their address."""
    parser = _Forms()
    parser.feed(page)
    return {form.action: form for form in parser.found}


async def walked(provider: ASGIApp, issuer: str, target: str, persona: str) -> httpx2.Response:
    """The last answer of a provider in this process; ``target`` is path and query. As :func:`walk`."""
    transport = httpx2.ASGITransport(provider)
    async with httpx2.AsyncClient(transport=transport, base_url=issuer) as browser:
        return await walk(browser, issuer, target, persona)


async def walk(
    browser: httpx2.AsyncClient, issuer: str, target: str, persona: str, mailed: Mailed | None = None
) -> httpx2.Response:
    """The provider's last answer: a redirect to the portal, or a page that posts to it.

    ``target`` is the authorization request, from which the browser goes on; ``mailed`` gives the code that went to
    a persona without an app. Raises :class:`Stuck`.
    """
    answer = await browser.get(target)
    for _ in range(MOST_STEPS):
        location = answer.headers.get("location")
        if location is not None:
            onwards = urljoin(str(answer.url), location)
            if not onwards.startswith(f"{issuer}/"):
                return answer
            answer = await browser.get(onwards)
            continue
        forms = forms_of(answer.text)
        if paths.DEMO_SIGN_IN in forms:
            form = forms[paths.DEMO_SIGN_IN]
            answer = await browser.post(form.action, data=form.hidden | {"persona": persona})
        elif paths.SECOND_FACTOR in forms and mailed is not None:
            form, given = forms[paths.SECOND_FACTOR], {"act": "code", "code": await mailed()}
            answer = await browser.post(form.action, data=form.hidden | given)
        elif paths.CONSENT in forms:
            form = forms[paths.CONSENT]
            answer = await browser.post(form.action, data=form.hidden | {"answer": "allow"})
        elif any(action.startswith("http") for action in forms):
            return answer  # response_mode=form_post: the page carries the answer to the portal
        else:
            raise Stuck(answer)
    raise Stuck(answer)

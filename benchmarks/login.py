"""A whole login: from the first redirect to tokens, in a fresh browser each time.

Ours walks the person's pages and proves number and password (argon2id, most of the cost); the peer has no pages
and no password, its interaction signs everybody in. So the figure is for knowing, not for a race.
"""

import re
from typing import Final

import httpx2

from benchmarks.clients import CALLBACK, PLAIN, VERIFIER
from benchmarks.scenarios import Side

CODE: Final = re.compile(r"[?&]code=([^&]+)")
HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def logins(side: Side, count: int, credentials: tuple[str, str] | None) -> None:
    """So many logins, one after the other; ``credentials`` (number, password) where pages ask for them."""
    for _ in range(count):
        with httpx2.Client(base_url=side.issuer) as browser:
            answer = browser.get(side.authorize_url(PLAIN, None))
            while not answer.headers.get("location", "").startswith(CALLBACK):
                answer = _onwards(browser, answer, credentials)
            match = CODE.search(answer.headers["location"])
            if match is None:
                raise RuntimeError(f"no code: {answer.headers['location']}")
            tokens = browser.post(
                side.paths["token"],
                content=PLAIN.form(
                    side.issuer,
                    grant_type="authorization_code",
                    code=match.group(1),
                    redirect_uri=CALLBACK,
                    code_verifier=VERIFIER,
                ),
                headers=dict(PLAIN.headers()),
            )
            tokens.raise_for_status()


def _onwards(
    browser: httpx2.Client, answer: httpx2.Response, credentials: tuple[str, str] | None
) -> httpx2.Response:
    if "location" in answer.headers:
        return browser.get(answer.headers["location"])
    if credentials is None or answer.status_code != httpx2.codes.OK:
        raise RuntimeError(f"the login stopped at {answer.url}: {answer.status_code} {answer.text[:300]}")
    form = dict(HIDDEN.findall(answer.text))
    form |= {"personal_number": credentials[0], "password": credentials[1]}
    return browser.post(answer.url.copy_with(query=None), data=form)

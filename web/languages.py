"""The two languages of every page and how a reader's language is found.

Order: ``?lang=``, then ``ui_locales`` (OpenID Connect Core 3.1.2.1), the cookie, ``Accept-Language`` (RFC 9110
12.5.4), and Vietnamese when nothing is asked.
"""

from collections.abc import Iterable
from enum import StrEnum

from starlette.requests import HTTPConnection


class Language(StrEnum):
    """A language that every page and every problem exists in."""

    VI = "vi"
    EN = "en"

    @property
    def other(self) -> "Language":
        """The other language: what the language switch offers."""
        return Language.EN if self is Language.VI else Language.VI

    @property
    def own_name(self) -> str:
        """The language's name in itself, as a switch must show it."""
        return "Tiếng Việt" if self is Language.VI else "English"

    @classmethod
    def match(cls, tags: Iterable[str]) -> "Language | None":
        """The first of some BCP 47 tags that we speak (``en-GB`` is English), or None."""
        for tag in tags:
            primary = tag.strip().replace("_", "-").split("-", 1)[0].lower()
            if primary in cls._value2member_map_:
                return cls(primary)
        return None


def accepted(header: str) -> list[str]:
    """The tags of an ``Accept-Language`` header, best first; weights of zero and broken parts fall out."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")):
        tag, _, parameters = part.strip().partition(";")
        weight = 1.0
        if parameters:
            name, _, value = parameters.strip().partition("=")
            try:
                weight = float(value) if name.strip() == "q" else 1.0
            except ValueError:
                continue
        if tag and 0 < weight <= 1:
            weighted.append((-weight, position, tag))
    return [tag for _, _, tag in sorted(weighted)]


def choose_language(connection: HTTPConnection, cookie_name: str) -> Language:
    """The reader's language; never raises, whatever the request holds."""
    query = connection.query_params
    return (
        Language.match([query.get("lang", "")])
        or Language.match(query.get("ui_locales", "").split()[:20])
        or Language.match([connection.cookies.get(cookie_name, "")])
        or Language.match(accepted(connection.headers.get("accept-language", "")))
        or Language.VI
    )

"""Texts for people: gettext catalogues read from ``.po`` when a service starts.

Message ids are symbolic (``signin.title``); Vietnamese is the source of truth. Placeholders are ``{name}``. A text
whose id ends in ``_html`` may hold mark-up: its placeholders are escaped and the result is safe for a page.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from web.languages import Language

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class MissingText(LookupError):
    """A text was asked for that no catalogue holds."""


@lru_cache(maxsize=64)
def read_catalogue(path: Path) -> Mapping[str, tuple[str, ...]]:
    """The entries of one ``.po`` file: id to its plural forms (one form for an ordinary text)."""
    with path.open("rb") as source:
        catalogue = read_po(source, abort_invalid=True)
    entries: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        entries[str(key)] = tuple(str(form or "") for form in forms)
    return entries


def text_key(key: str) -> str:
    """Mark a literal as a text id for the completeness test; the id itself comes back unchanged."""
    return key


class Texts:
    """The texts of one service in one language: its own catalogues over those of ``web``.

    With ``strict`` (demo and tests) an unknown id raises `MissingText`; without it the id itself is shown, because a
    page with one odd word serves a citizen better than none.
    """

    def __init__(self, language: Language, folders: Iterable[Path], *, strict: bool = True) -> None:
        self.language = language
        self.strict = strict
        self._entries: dict[str, tuple[str, ...]] = {}
        for folder in reversed(list(folders)):
            path = folder / f"{language}.po"
            if path.is_file():
                self._entries.update(read_catalogue(path))

    def __contains__(self, key: str) -> bool:
        """Whether a text of this id exists."""
        return key in self._entries

    def t(self, key: str, **values: Any) -> str:
        """The text of an id with its placeholders filled."""
        return self._fill(key, self._forms(key)[0], values)

    def n(self, key: str, count: int, **values: Any) -> str:
        """The text of an id for a number of things; ``{count}`` is filled with the number."""
        forms = self._forms(key)
        form = 0 if self.language is Language.VI or count == 1 else len(forms) - 1
        return self._fill(key, forms[form], {"count": count, **values})

    def _forms(self, key: str) -> tuple[str, ...]:
        forms = self._entries.get(key)
        if forms is None:
            if self.strict:
                raise MissingText(key)
            return (key,)
        return forms

    @staticmethod
    def _fill(key: str, form: str, values: Mapping[str, Any]) -> str:
        if key.endswith("_html"):
            return Markup(  # noqa: S704  # the catalogue is ours; every value is escaped
                PLACEHOLDER.sub(lambda found: str(escape(values[found[1]])), form)
            )
        return PLACEHOLDER.sub(lambda found: str(values[found[1]]), form) if "{" in form else form

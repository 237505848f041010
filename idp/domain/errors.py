"""Two families of errors: one for clients (in the RFC's words), one for people (in their language)."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class ProtocolError(Exception):
    """Goes to a client. ``description`` is a constant in the ASCII set of RFC 6749 section 5.2.

    ``may_redirect`` is True only after client and redirect URI were proven. ``cause`` is for logs, never sent.
    """

    code: str
    description: str = ""
    status: int = 400
    may_redirect: bool = False
    challenge: str | None = None
    cause: str | None = field(default=None, compare=False)


@dataclass(eq=False)
class PageProblem(Exception):
    """Shown to a person. ``code`` names the text in the catalogues; ``cause`` is for logs, never shown."""

    code: str
    status: int = 400
    cause: str | None = field(default=None, compare=False)

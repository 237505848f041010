"""What a browser calls itself, in two words: enough for its owner to recognise it, too little to follow it."""

from typing import Final

LONGEST: Final = 1_024
_BROWSERS: Final = (
    *(
        ("coc_coc_browser", "Cốc Cốc"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
    ),
    *(("FxiOS", "Firefox"), ("Firefox/", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome")),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)
"""The first that is found counts: each calls itself by the names of those after it too."""


def browser_name(user_agent: str) -> str:
    """``Chrome, Android``; one of the two, or empty, when nothing is known."""
    text = user_agent[:LONGEST]
    found = (next((name for mark, name in marks if mark in text), "") for marks in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))

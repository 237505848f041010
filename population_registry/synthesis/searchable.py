"""What officers find the people of a block by, as the view `search_source` would say it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from population_registry.matching.folding import fold
from population_registry.synthesis.people import People

_FULL_DATE = 10
_DAY = len("=1990-01-02")


def search_rows(people: People, places: list[str], ids: list[str]) -> list[list[str]]:
    """The columns of the entries: words of the folded name, birth year and day, places in force."""
    known = {text: fold(text) for text in {*people.families, *people.middles, *people.givens}}
    names = [
        " ".join([word for word in (known[family], known[middle], known[given]) if word])
        for family, middle, given in zip(people.families, people.middles, people.givens, strict=True)
    ]
    tokens = [
        f"{{{name.replace(' ', ',')},={birth[:4]}{f',={birth}' if len(birth) == _FULL_DATE else ''}"
        f"{',' if place else ''}{place}}}"
        for name, birth, place in zip(names, people.birth_texts, places, strict=True)
    ]
    return [ids, names, people.birth_texts, tokens]


def token_counts(tokens: Sequence[str]) -> Mapping[str, int]:
    """How often each token stands in the last column of these rows; days are not counted (`storage/searching.py`)."""
    told = Counter("".join(tokens)[1:-1].replace("}{", ",").split(","))
    return {token: count for token, count in told.items() if len(token) != _DAY or token[0] != "="}

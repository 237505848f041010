"""JSON as JOSE needs it: one object, no member twice, valid Unicode (RFC 7515 section 4, RFC 8259)."""

import json
from typing import Final, NoReturn

import orjson


def parse_object(data: bytes) -> dict[str, object]:
    """Return the JSON object in `data`.

    Raises:
        ValueError: not JSON, not an object, a member name twice at any depth, NaN or Infinity, a lone
            surrogate, an integer beyond 64 bits, or nesting too deep.
    """
    value = orjson.loads(data)
    if type(value) is not dict:
        raise ValueError("not_an_object")
    # orjson keeps the last of two members and says nothing, so the names are counted by the standard parser.
    try:
        _COUNTER.decode(data.decode())
    except RecursionError as deep:
        raise ValueError("too_deep") from deep
    return value


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("duplicate_member")


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("constant")


_COUNTER: Final = json.JSONDecoder(object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)

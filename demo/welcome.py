"""What a person reads when everything is ready: addresses, then people to sign in as."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.rows import Row, Service


def welcome(rows: tuple[Row, ...], personas: Path) -> str:
    """The table of addresses and of personas."""
    lines = ["", "Địa chỉ · Addresses"]
    for row in rows:
        if isinstance(row, Service) and row.url:
            lines.append(f"  {row.url:<24}  {row.label}")
            lines += [f"  {row.url + path:<40}  {what}" for path, what in row.pages.items() if path != "/"]
    people = list(_people(personas))
    if people:
        widths = [max(len(person[column]) for person in people) for column in range(3)]
        lines += ["", "Nhân vật mẫu · Personas: số định danh · number, mật khẩu · password"]
        lines += [
            f"  {number:<{widths[0]}}  {password:<{widths[1]}}  {name:<{widths[2]}}  {special}".rstrip()
            for number, password, name, special in people
        ]
    return "\n".join([*lines, "", "Ctrl-C dừng tất cả · stops everything", ""])


def _people(personas: Path) -> Iterator[tuple[str, str, str, str]]:
    if not personas.exists():
        return
    for person in tomllib.loads(personas.read_text()).get("persona", []):
        yield (
            str(person.get("personal_number", "")),
            str(person.get("password", "-")),
            _text(person.get("name", "")),
            _text(person.get("special", "")),
        )


def _text(value: Any) -> str:
    """A text, or the English (else the first) of a text in several languages."""
    if isinstance(value, dict):
        return str(value.get("en") or next(iter(value.values()), ""))
    return str(value)

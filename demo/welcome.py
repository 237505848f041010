"""What a person reads when everything is ready: addresses, then people to sign in as."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.rows import Row, Service


def welcome(rows: tuple[Row, ...], personas: Path) -> str:
    """The table of addresses and of personas."""
    lines = ["", "Địa chỉ · Addresses"]
    for row in rows:
        if isinstance(row, Service) and row.url:
            lines.append(f"  {row.url:<24}  {row.label}")
            lines += [f"  {row.url + path:<40}  {what}" for path, what in row.pages.items()]
    people = [_person(person) for person in tomllib.loads(personas.read_text())["persona"]]
    widths = [max(len(person[column]) for person in people) for column in range(4)]
    lines += ["", "Nhân vật mẫu · Personas: số định danh, mật khẩu · number, password"]
    lines += ["  " + "  ".join(map(str.ljust, person, (*widths, 0))) for person in people]
    return "\n".join([*lines, "", "Ctrl-C dừng tất cả · stops everything", ""])


def _person(person: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """Number, password, second factor, name, and what is special."""
    account = person.get("account", {})
    return (
        str(person["number"]),
        str(account.get("password", "-")),
        str(account.get("second_factor", "-")),
        str(person["full_name"]),
        ", ".join(person.get("special", [])).replace("_", " "),
    )

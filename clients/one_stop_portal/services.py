"""What can be filed at the counter: one value for each service; a new one is one more value and its texts.

Only what no database holds already is asked (Decree 224/2026 Art. 18(4): not again what is shared already).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from clients.portal_kit.answers import Reading
from clients.portal_kit.procedure import FormRead
from web import Form

AGENCY: Final = "H26.17.05"
SYSTEM: Final = "01"
"""How this counter numbers its dossiers (Decision 20/2020/QĐ-TTg, Circular 04/2025 Art. 23)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the form asks: ``kind`` is ``words`` or ``day`` (of the future)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Service:
    """One procedure as the counter offers it; its name is the text ``service.<code>``."""

    code: str
    purpose: str
    asks: tuple[Asked, ...]

    @property
    def detail(self) -> Mapping[str, object]:
        """What a person agrees to (RFC 9396), but for the dossier."""
        return {
            "type": "vn_identity_verification",
            "procedure": self.code,
            "purpose": self.purpose,
            "claims": ["name", "birth_date"],
        }

    def read(self, form: Form, today: date) -> FormRead:
        """The registry's inputs, or what is wrong in the order of the page."""
        reading = Reading(form)
        inputs: dict[str, Any] = {}
        for each in self.asks:
            if each.kind == "words":
                inputs[each.name] = reading.words(each.name, f"ask.{each.name}.missing")
                continue
            day = reading.day(each.name, f"ask.{each.name}.missing")
            if day is not None and day <= today:
                reading.wrong(each.name, f"ask.{each.name}.past")
            inputs[each.name] = day.isoformat() if day is not None else ""
        return FormRead(inputs, tuple(reading.errors))


SERVICES: Final = {
    each.code: each
    for each in (
        Service("1.010041", "Xác nhận thông tin cư trú nộp tại một cửa", (Asked("used_for", "words"),)),
        Service("1.002755", "Gia hạn tạm trú nộp tại một cửa", (Asked("until", "day"),)),
    )
}

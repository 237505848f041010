"""Codes of dossiers (mã số hồ sơ) by Circular 04/2025/TT-VPCP Art. 23: agency, day of receipt, running number.

Also what the registry keys a dossier by: the code itself, so that every row of a dossier lies with it whatever the
number of partitions. A code is confidential toward third parties; knowing it opens nothing.
"""

import re
from datetime import date
from typing import Final

CODE: Final = re.compile(r"[A-Z]?\d{2,3}(\.[A-Z]?\d{2,3}){0,4}-\d{6}(\d{2})?-\d{4,8}", re.ASCII)
LONGEST: Final = 40
RESIDENCE_AGENCY: Final = "G01.899.06"
"""Centralised system of the Ministry of Public Security for residence, as this registry numbers its own dossiers."""
IDENTITY_AGENCY: Final = "G01.899.07"
"""The same ministry's identity authority: cards and personal numbers (numbering assumed)."""
PUBLIC_SECURITY: Final = "01"
"""The two digits `AA` of the ministry that owns the system (01 assumed, public-services.md section 15)."""


def is_code(text: object) -> bool:
    """Whether the text has the form of a dossier code."""
    return isinstance(text, str) and len(text) <= LONGEST and CODE.fullmatch(text) is not None


def dossier_code(agency: str, system: str, day: date, running_number: int) -> str:
    """`<agency>-<YYMMDD>-<AA><XXXX>`: the day, and at least four digits of the day's running number."""
    return f"{agency}-{day:%y%m%d}-{system}{running_number:04d}"

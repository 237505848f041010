"""The registry's access log as our pages read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from idp.ports import Access, AccessPage


def page_of(document: Mapping[str, Any]) -> AccessPage:
    """One page. Raises KeyError, TypeError or ValueError for what is none."""
    return AccessPage(tuple(map(_access, document["entries"])), document["next_cursor"])


def _access(entry: Mapping[str, Any]) -> Access:
    return Access(
        entry_id=str(entry["entry_id"]),
        at=int(datetime.fromisoformat(entry["at"]).timestamp() * 1000),
        client=str(entry["client"]),
        agency=str(entry["agency"]),
        officer=entry["officer"],
        purpose=str(entry["purpose"]),
        procedure=str(entry["procedure_code"]),
        dossier=entry["dossier_code"],
        fields=dict(entry["fields"]),
        cursor=str(entry["cursor"]),
    )

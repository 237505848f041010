"""POST /v1/misuse-reports: the identity provider hands over what a citizen reported in their account centre.

The report's id is the provider's and always the same for one entry, so a report that is sent twice is kept once. An
entry of the registry's own log must be about this person: nobody reports on the log of others (attack 49).
"""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from population_registry.api.dossiers.holds import PROVIDER_PROCEDURE
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import service_of
from population_registry.operators.misuse import LONGEST_SAID, MisuseReport, ReportState
from population_registry.storage import misuse
from population_registry.verification.asking import read_number, require_scope
from population_registry.verification.authorising import SCOPE_RELEASE
from population_registry.verification.refusals import Refusal, RefusalCode, malformed

router = APIRouter(route_class=StrictBodyRoute, tags=["access log"])


class ReportedSubject(BaseModel):
    """Who reports."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=40)


class ProviderEntry(BaseModel):
    """An entry of the provider's log, in words of no language."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=64)
    at: str = Field(max_length=40)
    client: str | None = Field(default=None, max_length=128)
    case: str | None = Field(default=None, max_length=64)


class ReportRequest(BaseModel):
    """One report. ``entry_id`` of the registry's log, or ``entry`` of the provider's."""

    model_config = ConfigDict(extra="forbid")

    report_id: UUID
    subject: ReportedSubject
    source: Literal["registry", "provider"]
    entry_id: UUID | None = None
    entry: ProviderEntry | None = None
    said: str = Field(min_length=1, max_length=LONGEST_SAID)


class ReportAnswer(BaseModel):
    """How the report stands."""

    report_id: UUID
    state: ReportState


@router.post(
    "/v1/misuse-reports", response_model=ReportAnswer, summary="Report of misuse · Báo cáo khai thác sai"
)
async def report(request: Request, asked: ReportRequest) -> dict[str, Any]:
    """For the identity provider. Sending a report again changes nothing and answers how it stands."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_RELEASE)
    procedure = service.answering.catalogue.get(PROVIDER_PROCEDURE)
    if caller.person_number is not None or not procedure.admits(caller.client_id, caller.party_kind):
        raise procedure.refusal(RefusalCode.PROCEDURE_NOT_ALLOWED, "clients")
    number = read_number(asked.subject.number, "subject.number")
    if (asked.entry_id is None) is (asked.source == "registry"):
        raise malformed("entry_id")
    async with service.answering.database.pool() as pool:
        known = await misuse.entry_of(pool, number, asked.entry_id)
        if known is None:
            raise Refusal(RefusalCode.PERSON_UNKNOWN)
        person_id, entry = known
        if asked.source == "registry" and entry is None:
            raise malformed("entry_id")
        told = asked.entry.model_dump(exclude_none=True) if asked.entry is not None else {}
        kept = entry if entry is not None else told
        state = await misuse.keep(
            pool,
            MisuseReport(
                report_id=asked.report_id,
                source=asked.source,
                subject_id=person_id,
                entry_id=asked.entry_id,
                officer=None if entry is None else entry["officer"],
                said=asked.said,
                entry=kept,
                received_at=service.answering.clock(),
            ),
        )
    if state is None:
        raise malformed("report_id")
    return {"report_id": asked.report_id, "state": state}

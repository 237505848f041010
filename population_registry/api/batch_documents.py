"""A batch as JSON: state, progress, faults, results, receipt."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from population_registry.batch.asking import Outcome
from population_registry.batch.faults import fault_document
from population_registry.batch.jobs import State
from population_registry.verification.receipts import instant

PREFIX = "/v1/batches/"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment.astimezone(UTC))


def batch_document(batch_id: UUID, job: dict[str, Any]) -> dict[str, object]:
    """One job for its client; the addresses of the results once there are any."""
    finished = job["state"] == State.FINISHED.value and job["erased_at"] is None
    return {
        "batch_id": str(batch_id),
        "state": job["state"],
        "kind": job["kind"],
        "format": job["format"],
        "procedure_code": job["procedure_code"],
        "dossier_code": job["dossier_code"],
        "purpose": job["purpose"],
        "bytes": {"received": job["received"], "declared": job["length"]},
        "rows": {"total": job["rows"], "done": job["done"], **job["counts"]},
        "row_errors": [
            {"line": line, "ref": ref, **fault_document(code, column)}
            for line, ref, code, column in job["faults"]
        ],
        "problem": job["problem"],
        "created_at": _moment(job["created_at"]),
        "uploaded_at": _moment(job["uploaded_at"]),
        "ended_at": _moment(job["ended_at"]),
        "erase_after": _moment(job["erase_after"]) if job["ended_at"] is not None else None,
        "erased_at": _moment(job["erased_at"]),
        "results": {each.value: f"{PREFIX}{batch_id}/results.{each.value}" for each in Outcome}
        if finished
        else None,
        "receipt": job["receipt"],
    }

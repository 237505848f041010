"""The catalogue: which procedure may ask what, by whom, on which legal basis. Anything outside it is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from population_registry.verification.refusals import Refusal, RefusalCode, Rule

PARTY_KINDS = frozenset({"state", "public_service", "private"})
"""Kinds of relying party (eid-accounts.md section 9)."""


class CatalogueError(ValueError):
    """An entry of the catalogue cannot be read; says which and why."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure of the catalogue.

    `clients` and `party_kinds` say who may ask; `verifiable` and `releasable` what; `details` for which
    claims coarse facts are added. `minimum_acr` binds tokens of a signed-in person; `subject_token` demands
    such a token. `maximum_age`: seconds since that person's sign-in. `details_required` demands a token with
    authorization details (RFC 9396). `told_of_identity` lists client ids and party kinds with the right to
    know whether a person exists. `batch` lists the client ids that may ask about many people at once.
    `disclosed` are those of `releasable` that also leave without the person's own token, once name and birth
    date have established the person.
    """

    code: str
    name_vi: str
    name_en: str
    legal_basis: str
    clients: frozenset[str]
    party_kinds: frozenset[str]
    verifiable: frozenset[str]
    releasable: frozenset[str]
    details: frozenset[str]
    minimum_acr: str | None
    subject_token: bool
    dossier_required: bool
    maximum_age: int | None
    details_required: bool
    told_of_identity: frozenset[str]
    batch: frozenset[str] = frozenset()
    disclosed: frozenset[str] = frozenset()

    def admits(self, client_id: str, party_kind: str | None) -> bool:
        """Whether this client may ask for this procedure at all."""
        return client_id in self.clients or (party_kind is not None and party_kind in self.party_kinds)

    def tells_identity(self, client_id: str, party_kind: str | None) -> bool:
        """Whether this client has the right to know that a person exists, has died, or is named otherwise."""
        return bool(self.told_of_identity & {client_id, party_kind})

    def document(self) -> dict[str, object]:
        """As JSON: what a portal team needs to know before it asks."""
        return {
            "code": self.code,
            "name": {"vi": self.name_vi, "en": self.name_en},
            "legal_basis": self.legal_basis,
            "clients": sorted(self.clients),
            "party_kinds": sorted(self.party_kinds),
            "verifiable": sorted(self.verifiable),
            "releasable": sorted(self.releasable),
            "details": sorted(self.details),
            "minimum_acr": self.minimum_acr,
            "subject_token": self.subject_token,
            "dossier_required": self.dossier_required,
            "maximum_age": self.maximum_age,
            "details_required": self.details_required,
            "told_of_identity": sorted(self.told_of_identity),
            "batch": sorted(self.batch),
            "disclosed": sorted(self.disclosed),
        }

    def refusal(self, code: RefusalCode, rule: str, **said: Any) -> Refusal:
        """A refusal that points at this entry and at the member of it, as `document` names it, that says no."""
        return Refusal(code, rule=Rule(self.code, rule, self.legal_basis), **said)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All procedures by code."""

    procedures: Mapping[str, Procedure]

    def get(self, code: str) -> Procedure:
        """The procedure of that code.

        Raises:
            Refusal: `procedure-unknown`.
        """
        found = self.procedures.get(code)
        if found is None:
            raise Refusal(RefusalCode.PROCEDURE_UNKNOWN, member="procedure_code")
        return found


_LISTS = (
    "clients", "party_kinds", "verifiable", "releasable", "details", "told_of_identity", "batch", "disclosed",
)  # a table, read by rows  # fmt: skip
_TEXTS = ("code", "name_vi", "name_en", "legal_basis")
_OPTIONAL = ("minimum_acr", "subject_token", "dossier_required", "maximum_age", "details_required")


def read_catalogue(
    entries: Iterable[Mapping[str, Any]], *, claims: frozenset[str], fields: frozenset[str]
) -> Catalogue:
    """Typed procedures from TOML tables; every name is checked against the known claims and fields.

    Raises:
        CatalogueError: an entry is incomplete, names something unknown, or a code appears twice.
    """
    found: dict[str, Procedure] = {}
    for entry in entries:
        code = str(entry.get("code", "?"))
        missing = [name for name in _TEXTS if not isinstance(entry.get(name), str) or not entry[name]]
        unexpected = entry.keys() - {*_TEXTS, *_LISTS, *_OPTIONAL}
        if missing or unexpected or code in found:
            raise CatalogueError(f"{code}: missing {missing}, unexpected {sorted(unexpected)}, or twice")
        lists = {name: frozenset(map(str, entry.get(name, ()))) for name in _LISTS}
        strange = (
            (lists["verifiable"] | lists["details"]) - claims
            | lists["releasable"] - fields
            | lists["disclosed"] - lists["releasable"]
            | lists["party_kinds"] - PARTY_KINDS
        )
        if strange:
            raise CatalogueError(f"{code}: unknown names {sorted(strange)}")
        found[code] = Procedure(
            code=code,
            name_vi=str(entry["name_vi"]),
            name_en=str(entry["name_en"]),
            legal_basis=str(entry["legal_basis"]),
            clients=lists["clients"],
            party_kinds=lists["party_kinds"],
            verifiable=lists["verifiable"],
            releasable=lists["releasable"],
            details=lists["details"],
            told_of_identity=lists["told_of_identity"],
            batch=lists["batch"],
            disclosed=lists["disclosed"],
            minimum_acr=entry.get("minimum_acr"),
            subject_token=bool(entry.get("subject_token", False)),
            dossier_required=bool(entry.get("dossier_required", True)),
            maximum_age=_seconds(code, entry.get("maximum_age")),
            details_required=bool(entry.get("details_required", False)),
        )
    return Catalogue(found)


def _seconds(code: str, value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise CatalogueError(f"{code}: maximum_age is a number of seconds")
    return value

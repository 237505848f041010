"""The table of all procedures in `docs/procedures.md`; `python -m population_registry.procedures.table` prints it."""

import sys

from population_registry.dossiers import Procedure
from population_registry.procedures.catalogue import MODULES, PROCEDURES

HEAD = "| code | procedure | decided | legal basis | module |\n|---|---|---|---|---|\n"


def table() -> str:
    """One row for each procedure, in the order of their codes."""
    return HEAD + "".join(
        f"| `{code}` | {each.name_vi} · {each.name_en} | {_decided(each)} | {each.legal_basis} "
        f"| `{MODULES[code].rpartition('.')[2]}` |\n"
        for code, each in sorted(PROCEDURES.items())
    )


def _decided(procedure: Procedure) -> str:
    if procedure.linked:
        return "by its parts"
    by = "by itself when every check passes" if procedure.automatic else "by an officer"
    return f"{by}; also ex officio" if procedure.ex_officio else by


if __name__ == "__main__":
    sys.stdout.write(table())

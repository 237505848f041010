"""Work that nobody waits for, and that is done again and again: what fails once is met again the next time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from population_registry.dossiers import DossierRefused
from population_registry.verification.refusals import Refusal
from web import Problem

_EXPECTED: Final = (DossierRefused, Refusal, Problem, asyncpg.PostgresError, OSError)


@contextmanager
def put_off(log: logging.Logger, what: str) -> Iterator[None]:
    """Whatever fails inside ends nothing else: it is logged, with its trace where nobody expected it."""
    try:
        yield
    except _EXPECTED as cause:
        log.warning(what, extra={"cause": type(cause).__name__})
    except Exception:
        log.exception(what)

"""The worker process's composition root: `python -m population_registry work`."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import SystemRandom

from keys import KeyRing
from population_registry.api.catalogue_files import load_catalogue
from population_registry.api.references import References
from population_registry.batch.jobs import Limits
from population_registry.batch.working import Worker
from population_registry.events.delivering import Deliverer
from population_registry.settings import RegistrySettings
from population_registry.storage.log_growing import LogGrower
from population_registry.storage.log_tree import LogTree
from web.egress import Egress


def limits_of(settings: RegistrySettings) -> Limits:
    """The limits of batches as the operator set them."""
    return Limits(
        largest_bytes=settings.batch_largest_bytes,
        largest_rows=settings.batch_largest_rows,
        rows_per_day=settings.batch_rows_per_day,
        asks=settings.batch_asks,
        homonyms=settings.batch_homonyms,
        retention=timedelta(hours=settings.batch_retention_hours),
    )


def make_worker(
    settings: RegistrySettings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Worker:
    """A worker with the same catalogue, keys and database as the API."""
    return Worker(
        url=settings.database_url,
        ring=KeyRing.open(settings.keys_dir, mode=settings.mode.value),
        catalogue=load_catalogue(),
        successors=References.load().successors,
        limits=limits_of(settings),
        issuer=settings.public_url,
        clock=clock,
    )


def make_deliverer(
    settings: RegistrySettings, egress: Egress, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Deliverer:
    """A deliverer of events with the same keys and database as the API."""
    return Deliverer(
        url=settings.database_url,
        ring=KeyRing.open(settings.keys_dir, mode=settings.mode.value),
        egress=egress,
        issuer=settings.public_url,
        clock=clock,
        chance=SystemRandom().random,
    )


def make_log_grower(
    settings: RegistrySettings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> LogGrower:
    """What enters the rows of the access log into its tree, with the same keys and database as the API."""
    ring = KeyRing.open(settings.keys_dir, mode=settings.mode.value)
    return LogGrower(settings.database_url, LogTree(ring, settings.public_url, clock))


async def work(settings: RegistrySettings, *, until_idle: bool = False) -> None:
    """Work until SIGTERM or SIGINT; a piece in progress is committed first.

    Raises:
        KeyRefused: the key folder cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Egress(settings.egress_policy) as egress:
        await asyncio.gather(
            make_worker(settings).run(stop, until_idle=until_idle),
            make_deliverer(settings, egress).run(stop, until_idle=until_idle),
            make_log_grower(settings).run(stop, until_idle=until_idle),
        )

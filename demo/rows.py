"""The kinds of rows in the demo's table: what must be done once, and what must run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something done once: skipped while its command, environment and ``inputs`` are as they were.

    Attributes:
        name: Unique in the table; also names its log.
        label: What a person reads when it is done.
        command: Ends with 0 when all is well; repeatable.
        environment: Added to the environment of the supervisor.
        needs: Rows that must be done or ready before.
        inputs: Files whose content decides whether the step must be done again.
        makes: What must exist for the step to count as done.
        remedy: What a person can do when it fails.
        writes: A file that receives the standard output, whole or not at all.
    """

    name: str
    label: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    makes: tuple[Path, ...] = ()
    remedy: str = ""
    writes: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that runs until the end.

    Attributes:
        name: Unique in the table; also names its log.
        label: What a person reads when it is ready.
        command: Runs in the foreground and stops on SIGTERM.
        port: Where it listens on loopback; 0 for a worker, which listens nowhere and is ready once it runs.
        url: Its public address, shown to people; empty when it has no pages.
        health: The path that answers 200 when it is ready; empty when an open port is enough.
        pages: Further addresses worth showing, with what they are.
        environment: Added to the environment of the supervisor.
        needs: Rows that must be done or ready before.
    """

    name: str
    label: str
    command: tuple[str, ...]
    port: int = 0
    url: str = ""
    health: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


Row = Step | Service

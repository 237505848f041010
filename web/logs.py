"""One JSON line per event on standard output, with the request's number and without personal data."""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from web.request_ids import current_request_id

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
QUIET = ("authlib", "httpx", "httpcore", "uvicorn.access", "asyncio", "multipart")
PERSONAL = (
    (re.compile(r"\b\d{9,15}\b"), "[number]"),
    (re.compile(r"[\w.+\-]+@[\w\-]+\.[\w.\-]+"), "[mail]"),
    (re.compile(r"\beyJ[\w\-]+\.[\w\-]+\.?[\w\-]*"), "[token]"),
    (re.compile(r"(?i)\b(bearer|dpop|basic) [\w\-.~+/=]{8,}"), r"\1 [token]"),
)


def scrubbed(text: str) -> str:
    """A text without what looks like a personal number, an e-mail address or a token: a net under careful callers."""
    for pattern, stand_in in PERSONAL:
        text = pattern.sub(stand_in, text)
    return text


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; extra fields stay fields."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if request_id := current_request_id.get():
            line["request_id"] = request_id
        for name, value in vars(record).items():
            if name not in STANDARD:
                line[name] = scrubbed(value) if isinstance(value, str) else value
        if record.exc_info:
            line["traceback"] = scrubbed(self.formatException(record.exc_info))
        return orjson.dumps(line, default=lambda value: scrubbed(str(value))).decode()


def configure_logging(service: str, level: str = "INFO") -> None:
    """Send the process's log lines to standard output as JSON; doing it again changes nothing.

    Libraries that log tokens or addresses are held to warnings.
    """
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, JsonLines):
            root.removeHandler(handler)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)

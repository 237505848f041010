"""Log lines are JSON, know their request and hold no personal data."""

import json
import logging

import pytest
from fastapi.testclient import TestClient

from web.logs import JsonLines, scrubbed
from web.request_ids import current_request_id, new_request_id


def test_a_line_is_one_json_object() -> None:
    """Time, level, service, logger, message, the request's number and the extra fields."""
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "INFO", "msg": "paid %s", "args": (3,), "event": "e1"}
    )
    token = current_request_id.set("AAAA-BBBB-CCCC")
    try:
        line = json.loads(JsonLines("idp").format(record))
    finally:
        current_request_id.reset(token)
    assert line["message"] == "paid 3"
    assert (line["service"], line["request_id"], line["event"]) == ("idp", "AAAA-BBBB-CCCC", "e1")


@pytest.mark.parametrize(
    "text",
    [
        "number 098190000123.",
        "mail an.nguyen@example.vn",
        "Bearer abcdefghijklmnop",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
        "old number 123456789",
    ],
)
def test_personal_data_is_scrubbed(text: str) -> None:
    """Numbers of 9 to 15 digits, addresses and tokens do not reach a line, wherever they come from."""
    assert "[" in scrubbed(text)
    assert not any(part in scrubbed(text) for part in ("0981", "example", "abcdef", "eyJ", "123456"))


def test_the_access_line_holds_no_path_as_asked(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The route's pattern instead of the path, nothing of the query; method, status and duration."""
    caplog.set_level("DEBUG", "web.access")
    client.get("/v1/number/98190000123?who=an")
    line = JsonLines("x").format(next(each for each in caplog.records if each.name == "web.access"))
    assert "/v1/number/{number}" in line
    assert "98190000123" not in line
    assert "who" not in line
    assert json.loads(line)["status"] == 200


def test_request_numbers_can_be_read_out() -> None:
    """Sixty bits, no letter that is mistaken for another."""
    numbers = {new_request_id() for _ in range(1000)}
    assert len(numbers) == 1000
    assert not set("".join(numbers)) & set("ILOU")

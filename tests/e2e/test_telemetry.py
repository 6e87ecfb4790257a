"""The service's log."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from prover.telemetry import JsonFormatter, TextFormatter, request_id, set_up_logging


def record(message: str, **extras: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "prover.test", "levelname": "INFO", "msg": message, "args": ("a",), **extras})
    return made


def test_json_line_has_what_is_known_and_no_more() -> None:
    line = json.loads(JsonFormatter().format(record("job %s", job="p1", reason=None)))
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "prover.test", "message": "job a", "job": "p1"}


def test_text_line_ends_in_what_is_known() -> None:
    assert TextFormatter().format(record("job %s", status=200)).endswith("INFO    job a  status=200")


def test_exception_stays_in_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        made = record("broke %s", exc_info=sys.exc_info())
    text = JsonFormatter().format(made)
    assert "\n" not in text
    assert "ValueError: two\nlines" in json.loads(text)["exception"]


def test_request_id_is_in_the_lines_of_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    root, ours = logging.getLogger(), logging.getLogger("prover")
    before = root.handlers[:], root.level, ours.level
    try:
        set_up_logging("INFO", "json")
        token = request_id.set("r-1")
        logging.getLogger("prover.test").info("inside")
        logging.getLogger("prover.test").debug("not at this level")
        logging.getLogger("uvicorn.access").info("nor this")
        request_id.reset(token)
        logging.getLogger("prover.test").info("outside")
    finally:
        root.handlers[:], root.level = before[0], before[1]
        ours.setLevel(before[2])
        logging.captureWarnings(False)
    inside, outside = map(json.loads, capsys.readouterr().err.splitlines())
    assert (inside["message"], inside["request_id"]) == ("inside", "r-1")
    assert "request_id" not in outside

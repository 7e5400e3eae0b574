"""What is logged, and above all what is not."""

import logging
import subprocess
import sys

import orjson
import pytest

from server.observe import JsonFormat, TextFormat, without_secrets
from services.trace import begin_trace, current_trace


def record(message="request", level=logging.INFO, **data):
    made = logging.getLogger("tutti.test").makeRecord("tutti.test", level, __file__, 1, message, (), None, extra=data)
    made.created = 1_767_323_045.678
    return made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/stream/1?ticket=abc.def&quality=low", "/stream/1?ticket=***&quality=low"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("mongodb://tutti:hunter2@there/db", "mongodb://tutti:***@there/db"),
        ("redis://:hunter2@there:6379/0", "redis://:***@there:6379/0"),
        ("http://127.0.0.1:8000/graphql", "http://127.0.0.1:8000/graphql"),
        ("refresh_token=xyz password=hunter2", "refresh_token=*** password=***"),
        ("path=/share/aBc-_1?x=1 status=200", "path=/share/***?x=1 status=200"),
    ],
)
def test_secrets_are_struck_out_of_text(text, shown):
    assert without_secrets(text) == shown


def test_a_line_for_machines_is_one_json_object():
    begin_trace("a-trace-of-mine")
    line = JsonFormat().format(record(path="/x", status=404, password="hunter2", access_token="t"))
    assert orjson.loads(line) == {
        "time": "2026-01-02T03:04:05.678+00:00",
        "level": "info",
        "logger": "tutti.test",
        "message": "request",
        "trace": "a-trace-of-mine",
        "path": "/x",
        "status": 404,
        "password": "***",
        "access_token": "***",
    }
    current_trace.set("-")


def test_a_line_for_people_carries_its_data():
    assert TextFormat().format(record(path="/x", ms=1.5)) == "03:04:05.678 INFO    tutti.test request path=/x ms=1.5"


@pytest.mark.parametrize("offered", [None, "short", "with space inside", "x" * 65, "new\nline-in-it"])
def test_a_senseless_trace_is_replaced(offered):
    made = begin_trace(offered)
    assert made != offered
    assert len(made) == 16
    current_trace.set("-")


def test_what_is_odd_in_a_picture_is_no_line_of_the_log():
    told = "from server.observe import set_up_logging; import logging; set_up_logging('text', 'debug');"
    told += "logging.getLogger('PIL.TiffImagePlugin').error('odd'); logging.getLogger('tutti').error('ours')"
    shown = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stderr
    assert "ours" in shown and "odd" not in shown

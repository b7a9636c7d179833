"""``make demo`` as a person without a display sees it, and that it can fail."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.system.display import display_problem
from tests.e2e.demo_app import Watch
from tests.e2e.demo_report import Report, milliseconds
from tests.e2e.demo_stage import OFFSCREEN_SWITCH, stage
from tests.e2e.demo_text import MODEL_ID, TEXT
from tests.support.command_line import ROOT, Done, write_catalog
from tests.support.fault_server import Fault, serve
from tests.support.parrot import make_parrot
from tests.support.patience import LONG_PATIENCE_S

_STEPS = (
    "Start",
    "A question before there is a model",
    "Download",
    "The question that waited is asked by itself",
    "Quick ask",
    "Doze",
    "Sleep",
    "The same conversation after sleep",
    "Settings: threads",
    "Settings: context size",
    "Quit",
)
_PICTURES = 11
_PNG = b"\x89PNG"
_LEAST_PICTURE = 5_000  # bytes; an empty window of that size compresses to fewer


def _run(module: str, *arguments: str, temporary: Path) -> Done:
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment |= {OFFSCREEN_SWITCH: "1", "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", f"tests.e2e.{module}", *arguments],
        capture_output=True,
        env=environment,
        cwd=ROOT,
        timeout=LONG_PATIENCE_S,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.e2e
def test_the_demo_plays_every_step_and_leaves_only_its_pictures(tmp_path: Path) -> None:
    temporary, pictures = tmp_path / "tmp", tmp_path / "pictures"
    temporary.mkdir()

    done = _run("demo", "--screenshots", str(pictures), temporary=temporary)

    assert done.code == 0, done.out + done.err
    titles = re.findall(r"^ ?\d+\. (.*)$", done.out, re.MULTILINE)
    assert len(titles) == len(_STEPS)
    assert all(title.startswith(step) for title, step in zip(titles, _STEPS, strict=True)), titles
    assert "\nEverything held." in done.out
    assert "FAIL" not in done.out
    for figure in (r"woke in [\d.]+ m?s", r"[\d,]+ tokens/s", r"given back: [\d.]+ MB", r"re-used [1-9]\d*;"):
        assert re.search(figure, done.out), figure
    for line in TEXT.splitlines():
        assert f"| {line}" in done.out
    files = sorted(pictures.iterdir())
    assert [str(file) for file in files] == re.findall(r"screenshot: (.*)", done.out)
    assert len(files) == _PICTURES
    for file in files:
        content = file.read_bytes()
        assert content.startswith(_PNG)
        assert len(content) > _LEAST_PICTURE, file.name
    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
def test_the_demo_fails_with_a_sentence_when_the_model_cannot_be_had(tmp_path: Path) -> None:
    model = make_parrot(tmp_path / f"{MODEL_ID}.gguf", TEXT)
    (tmp_path / "pictures").mkdir()
    with serve(tmp_path) as server:
        server.always(f"/{model.name}", Fault(status=404))
        catalog = write_catalog(tmp_path / "models.json", model, server.url, model_id=MODEL_ID)

        done = _run("demo_app", str(tmp_path / "data"), str(catalog), str(tmp_path / "pictures"), temporary=tmp_path)

    assert done.code == 1, done.out + done.err
    assert "FAIL  the download broke: " in done.out
    assert "NOT AS EXPECTED" in done.out
    assert "Everything held" not in done.out
    assert "ended" in done.out, "the app was not ended in order"


def test_a_report_counts_what_did_not_hold_and_says_what_was_expected(tmp_path: Path) -> None:
    stream = io.StringIO()
    report = Report(stream, tmp_path)

    report.step("One")
    report.check(True, "fine", "fine")
    report.check(False, "3 threads", "2")
    report.end()

    assert report.failures == ["3 threads; expected: 2"]
    assert "    ok  fine\n" in stream.getvalue()
    assert "  FAIL  3 threads; expected: 2\n" in stream.getvalue()
    assert "Everything held" not in stream.getvalue()


def test_a_report_survives_a_terminal_that_lacks_the_characters(tmp_path: Path) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="gbk")

    Report(stream, tmp_path).say("鹦鹉 🦜")

    stream.seek(0)
    assert stream.read().strip() == "鹦鹉 ?"


def test_times_are_written_as_people_read_them() -> None:
    assert milliseconds(0.0312) == "31 ms"
    assert milliseconds(2.44) == "2.4 s"


def test_without_a_display_a_virtual_one_is_started_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", OFFSCREEN_SWITCH):
        monkeypatch.delenv(variable, raising=False)

    with stage() as where:
        display = where.environment["DISPLAY"]
        assert where.words.startswith(f"Xvfb {display}")
        assert where.environment["QT_QPA_PLATFORM"] == "xcb"
        monkeypatch.setenv("DISPLAY", display)
        assert display_problem() is None

    assert display_problem() is not None


def test_with_neither_display_nor_xvfb_qt_draws_into_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", OFFSCREEN_SWITCH):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with stage() as where:
        assert where.environment["QT_QPA_PLATFORM"].startswith("offscreen:")
        assert "no Xvfb" in where.words


def test_the_display_of_the_session_is_used_when_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OFFSCREEN_SWITCH, raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "minimal")  # a display that can be had anywhere

    with stage() as where:
        assert where.environment["QT_QPA_PLATFORM"] == "minimal"
    with stage(virtual=True) as where:
        assert where.environment["QT_QPA_PLATFORM"] != "minimal"


def test_the_watch_lets_only_this_machine_pass() -> None:
    watch = Watch()

    watch.audit("socket.connect", (None, ("127.0.0.1", 80)))
    watch.audit("socket.connect", (None, ("::1", 80, 0, 0)))
    watch.audit("socket.connect", (None, "/run/user/1000/bus"))
    with pytest.raises(PermissionError):
        watch.audit("socket.connect", (None, ("192.0.2.1", 443)))

    assert watch.connections == 2
    assert watch.beyond == ["192.0.2.1"]

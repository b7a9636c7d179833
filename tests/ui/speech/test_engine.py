"""The process that speaks, with the engine that Qt has for tests, and with processes that do what none should."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.own_process import own_command
from desktop.speech.sentences import Sentence
from desktop.system.libraries import can_load
from desktop.ui.speech.engine import VERB, SpeechProcess
from tests.support.patience import PATIENCE_MS, PATIENCE_S

# packaging/debian-packages.txt has it for CI; who only reads and writes code may be without.
needs_speech = pytest.mark.skipif(
    sys.platform == "linux" and not can_load("libpulse.so.0"), reason="QtTextToSpeech needs libpulse0"
)
HELLO = Sentence("Hello, this is a test.", "en")
# Says that each sentence is over at once, and what it was told.
ECHO = """
import json, sys
for line in sys.stdin:
    wish = json.loads(line)
    print("a library says hello", flush=True)
    print(json.dumps({"told": wish}), file=sys.stderr, flush=True)
    if "say" in wish:
        print(json.dumps({"said": wish["say"]}), flush=True)
"""


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[list[SpeechProcess]]:
    del qtbot
    processes: list[SpeechProcess] = []
    yield processes
    for process in processes:
        process.close()


@needs_speech
def test_sentences_are_said_by_the_engine_that_qt_has_for_tests(qtbot: QtBot, made: list[SpeechProcess]) -> None:
    engine = SpeechProcess(command=[*own_command(VERB), "mock"])
    made.append(engine)
    failed: list[UserFacingError] = []
    engine.failed.connect(failed.append)
    assert not engine.is_running  # nothing is started before there is something to say
    with qtbot.waitSignal(engine.said, timeout=PATIENCE_MS) as said:
        engine.say(1, HELLO)
    assert said.args == [1]
    # WHEN one is stopped, and another follows at once
    numbers: list[int] = []
    engine.said.connect(numbers.append)
    engine.say(2, Sentence("word " * 60, "en"))
    engine.stop()
    engine.say(3, HELLO)
    qtbot.waitUntil(lambda: 3 in numbers, timeout=PATIENCE_MS)
    # THEN the end of the first is not taken for that of the second
    assert numbers == [3]
    assert failed == []
    engine.close()
    assert not engine.is_running


@needs_speech
def test_a_language_that_no_voice_reads_is_named(qtbot: QtBot, made: list[SpeechProcess]) -> None:
    engine = SpeechProcess(command=[*own_command(VERB), "mock"])
    made.append(engine)
    with qtbot.waitSignal(engine.failed, timeout=PATIENCE_MS) as failed:
        engine.say(1, Sentence("你好。", "zh"))
    (error,) = failed.args
    assert error.title == "There is no voice for Chinese."
    assert error.detail + error.remedy
    # THEN the next sentence starts another process, for which a voice may have been installed meanwhile
    assert not engine.is_running
    with qtbot.waitSignal(engine.said, timeout=PATIENCE_MS):
        engine.say(2, HELLO)


def test_speed_and_volume_go_along_and_what_libraries_print_is_nothing(
    qtbot: QtBot, made: list[SpeechProcess], caplog: pytest.LogCaptureFixture
) -> None:
    engine = SpeechProcess(command=python(ECHO))
    made.append(engine)
    engine.set_manner(-0.5, 0.25)
    with caplog.at_level("DEBUG", "desktop.ui.speech.engine"):
        with qtbot.waitSignal(engine.said, timeout=PATIENCE_MS):
            engine.say(4, Sentence("你好。", "zh"))
        qtbot.waitUntil(lambda: "told" in caplog.text, timeout=PATIENCE_MS)
    assert '"rate": -0.5, "volume": 0.25' in caplog.text


@pytest.mark.parametrize(
    ("program", "title"),
    [
        ("import sys; sys.exit(3)", "There is nothing here that can read aloud."),
        ("print('{\"missing\": \"libpulse.so.0: cannot open shared object file\"}', flush=True); input()",
         "There is nothing here that can read aloud."),
        ("print('{\"failed\": \"no device\"}', flush=True); input()", "There is nothing here that can read aloud."),
    ],
)  # fmt: skip
def test_a_process_that_cannot_speak_is_ended_and_said(
    qtbot: QtBot, made: list[SpeechProcess], program: str, title: str
) -> None:
    engine = SpeechProcess(command=python(program))
    made.append(engine)
    with qtbot.waitSignal(engine.failed, timeout=PATIENCE_MS) as failed:
        engine.say(1, HELLO)
    assert failed.args[0].title == title
    # THEN the next sentence starts another one, with what may have been installed meanwhile
    assert not engine.is_running
    with qtbot.waitSignal(engine.failed, timeout=PATIENCE_MS):
        engine.say(2, HELLO)


def test_a_program_that_is_not_there(qtbot: QtBot, made: list[SpeechProcess], tmp_path: Path) -> None:
    engine = SpeechProcess(command=[str(tmp_path / "none")])
    made.append(engine)
    with qtbot.waitSignal(engine.failed, timeout=PATIENCE_MS) as failed:
        engine.say(1, HELLO)
    assert failed.args[0].title == "There is nothing here that can read aloud."
    assert not engine.is_running


def test_a_voice_that_never_ends_a_sentence_is_given_up(
    qtbot: QtBot, made: list[SpeechProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.ui.speech.engine._FIXED_MS", 1)
    monkeypatch.setattr("desktop.ui.speech.engine._PER_CHARACTER_MS", 0)
    engine = SpeechProcess(command=python("import sys; sys.stdin.read()"))
    made.append(engine)
    with qtbot.waitSignal(engine.failed, timeout=PATIENCE_MS) as failed:
        engine.say(1, HELLO)
    assert failed.args[0].title == "The voice of this system does not get any further."
    assert not engine.is_running


def test_it_rests_and_goes_a_while_after_the_last_sentence(
    qtbot: QtBot, made: list[SpeechProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.ui.speech.engine._STAYS_MS", 1)
    engine = SpeechProcess(command=python(ECHO))
    made.append(engine)
    engine.say(1, HELLO)
    assert engine.is_running
    qtbot.waitUntil(lambda: not engine.is_running, timeout=PATIENCE_MS)


@needs_speech
def test_the_process_ends_with_its_input_and_says_what_is_missing() -> None:
    # GIVEN a Python in which the module cannot be imported
    program = (
        "import sys; sys.modules['PySide6.QtTextToSpeech'] = None; "
        "from desktop.__main__ import main; main(['speech-process'])"
    )
    done = subprocess.run(python(program), input="", capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert "QtTextToSpeech" in json.loads(done.stdout)["missing"]
    done = subprocess.run([*own_command(VERB), "mock"], input="", text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0


def test_nothing_of_it_is_imported_by_the_app() -> None:
    program = (
        "import sys; import desktop.app.shell; "
        "print([m for m in sys.modules if 'speech' in m.lower() or 'QtMultimedia' in m])"
    )
    done = subprocess.run(python(program), capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert done.stdout.strip() == "[]"

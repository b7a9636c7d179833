"""What the process that speaks makes of an engine that does not know how it is."""

from __future__ import annotations

import enum

import pytest
from PySide6.QtCore import QLocale, QObject, Signal
from pytestqt.qtbot import QtBot

from desktop.ui.speech.process import Speaker


class Engine(QObject):
    """As Qt's way to speech-dispatcher is where no voice speaks the language of the system: with an error."""

    class State(enum.Enum):
        Ready, Speaking, Error = range(3)

    stateChanged = Signal(object)  # noqa: N815 (Qt's)
    errorOccurred = Signal(object, str)  # noqa: N815
    locales: tuple[QLocale, ...] = ()

    def state(self) -> State:
        return self.State.Error

    def errorString(self) -> str:  # noqa: N802
        return "Failed to initialize default locale and voice."

    def availableLocales(self) -> list[QLocale]:  # noqa: N802
        return list(self.locales)


@pytest.mark.parametrize(("locales", "said"), [((), True), ((QLocale("en_GB"),), False)])
def test_an_engine_with_voices_is_none_that_is_missing(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    locales: tuple[QLocale, ...], said: bool,
) -> None:  # fmt: skip
    del qtbot
    monkeypatch.setattr(Engine, "locales", locales)
    owner = QObject()
    Speaker(Engine, "", owner)
    assert ("missing" in capsys.readouterr().out) is said

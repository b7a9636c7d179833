"""The process that speaks: takes sentences from its input, a line of JSON for each, and says them through Qt.

A process of its own since the speech service of a system may take seconds to answer, or never does, while Python's
lock is held; since its voices may be thousands; and since all that memory is given back when it ends, which it does
with its input. Nothing else of Catnap is in it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from desktop.common.json_file import parse_json
from desktop.common.text.language import ENGLISH
from desktop.speech.voices import Voice, best_voice, speaks

if TYPE_CHECKING:
    from PySide6.QtTextToSpeech import QTextToSpeech, QVoice

# Qt's engine for tests, which says nothing; it has to be asked for.
_MOCK: Final = "mock"
# An engine that has nothing to say of a sentence may never say that it has begun.
_BEGIN_MS: Final = 3_000
# One that was told to be silent says so at once, or will not.
_STOP_MS: Final = 1_000


class _Input(QObject):
    """What comes from the app, read on a thread, since Qt cannot wait for a pipe of Windows."""

    came = Signal(str)

    def read(self) -> None:
        """Reads until the app closes its end; to be run on a thread of its own."""
        for line in sys.stdin:
            self.came.emit(line)
        self.came.emit("")


class Speaker(QObject):
    """Says one sentence at a time."""

    def __init__(self, make: Any, name: str, parent: QObject) -> None:
        """
        Args:
            make: The class ``QTextToSpeech``.
            name: Of Qt's engine; empty: the best of this system.
            parent: Owner.
        """
        super().__init__(parent)
        self._speech: QTextToSpeech = make(name, parent) if name else make(parent)
        self._states = make.State
        self._voices: dict[str, QVoice | None] = {}
        self._language = ""
        self._number: int | None = None  # of the sentence that is said
        self._has_begun = False
        self._next: dict[str, Any] | None = None  # waits until the engine is silent
        self._begin = QTimer(self, singleShot=True, interval=_BEGIN_MS)
        self._begin.timeout.connect(self._end)
        self._silence = QTimer(self, singleShot=True, interval=_STOP_MS)
        self._silence.timeout.connect(self._say_next)
        self._speech.stateChanged.connect(self._on_state)
        self._speech.errorOccurred.connect(lambda _reason, words: _send(failed=words))
        # WORKAROUND(Qt 6.8): where no voice speaks the language of the system, Qt's way to speech-dispatcher calls that
        # an error, and has its voices nevertheless: espeak-ng has no zh_CN, its Mandarin goes by another name.
        if self._speech.state() is self._states.Error and not self._speech.availableLocales():
            _send(missing=self._speech.errorString())

    def take(self, line: str) -> None:
        """Does what a line asks for; an empty one: the app has gone."""
        if not line:
            QCoreApplication.quit()
            return
        wish = parse_json(line)
        self._next = None
        if self._number is not None:
            self._number = None
            self._begin.stop()
            self._speech.stop()
        if "say" in wish:
            self._next = wish
            if self._speech.state() is self._states.Speaking:
                self._silence.start()
            else:
                self._say_next()

    def _say_next(self) -> None:
        self._silence.stop()
        wish, self._next = self._next, None
        if wish is None:
            return
        if not self._speaks(wish["language"]):
            _send(no_voice=wish["language"])
            return
        self._speech.setRate(wish["rate"])
        self._speech.setVolume(wish["volume"])
        self._number, self._has_begun = wish["say"], False
        self._begin.start()
        self._speech.say(wish["text"])

    def _on_state(self, state: object) -> None:
        if state is self._states.Speaking:
            self._has_begun = True
            self._begin.stop()
        elif state is self._states.Ready:
            if self._next is not None:
                self._say_next()
            elif self._has_begun:
                self._end()

    def _end(self) -> None:
        number, self._number, self._has_begun = self._number, None, False
        self._begin.stop()
        if number is not None:
            _send(said=number)

    def _speaks(self, language: str) -> bool:
        """Takes the voice for a language; returns whether there is one."""
        if language not in self._voices:
            self._voices[language] = self._find(language)
            if self._voices[language] is None and language.isascii() and language in ("de", "fr", "es", "it", "pt"):
                self._voices[language] = self._find(ENGLISH)  # better read with an accent than not at all
        voice = self._voices[language]
        if voice is None:
            return False
        if language != self._language:
            self._speech.setLocale(voice.locale())
            self._speech.setVoice(voice)
            self._language = language
        return True

    def _find(self, language: str) -> QVoice | None:
        system = self._speech.locale().name()
        found: dict[Voice, QVoice] = {}
        for locale in self._speech.availableLocales():
            if speaks(locale.name(), language):
                self._speech.setLocale(locale)
                for voice in self._speech.availableVoices():
                    found[Voice(voice.name(), locale.name())] = voice
        self._language = ""
        best = best_voice(found, language, system)
        return found[best] if best is not None else None


def main(arguments: list[str] | None = None) -> int:
    """Speaks until the input ends; returns the exit code.

    Args:
        arguments: The name of Qt's engine; None: of the command line.
    """
    wanted = (sys.argv[2:] if arguments is None else arguments)[:1]
    try:
        from PySide6.QtTextToSpeech import QTextToSpeech
    except ImportError as problem:  # the module, or a library of the system that it links to
        _send(missing=str(problem))
        return 1
    if not wanted and not set(QTextToSpeech.availableEngines()) - {_MOCK}:
        _send(missing="")
        return 1
    app = QCoreApplication([])
    speaker = Speaker(QTextToSpeech, wanted[0] if wanted else "", app)
    source = _Input()
    source.came.connect(speaker.take, Qt.ConnectionType.QueuedConnection)
    threading.Thread(target=source.read, daemon=True).start()
    code = app.exec()
    sys.stdout.flush()
    os._exit(code)  # an engine that hangs must not hold up the end


def _send(**message: Any) -> None:
    try:
        print(json.dumps(message), flush=True)
    except OSError:  # nobody listens any more
        os._exit(0)

"""The voice of this system as the app sees it: a process that is there while something is read, and a little longer."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from desktop.common.json_file import parse_json
from desktop.common.own_process import own_command, own_variables
from desktop.speech.errors import no_engine, no_sound, no_voice
from desktop.speech.sentences import Sentence

_log = logging.getLogger(__name__)

VERB: Final = "speech-process"
# After the last sentence: whoever has one answer read often has the next one read too.
_STAYS_MS: Final = 60_000
# The longest that a sentence takes: at half the speed a voice says two to three Chinese characters in a second.
_FIXED_MS, _PER_CHARACTER_MS = 20_000, 600
_KILL_MS = 200  # a process that is killed is gone at once, unless it waits for a device
_LONGEST_LINE = 64 * 1024


class SpeechProcess(QObject):
    """Says sentences; a :class:`desktop.speech.reading.SpeechEngine`.

    Signals:
        said: (number) A sentence is over.
        failed: (UserFacingError) It cannot be said; nor can those that follow.
    """

    said = Signal(int)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, command: Sequence[str] | None = None) -> None:
        """
        Args:
            parent: Owner.
            command: What to start; None: this program.
        """
        super().__init__(parent)
        self._command = own_command(VERB) if command is None else list(command)
        self._process: QProcess | None = None
        self._rate, self._volume = 0.0, 1.0
        self._rest = QTimer(self, singleShot=True, interval=_STAYS_MS)
        self._rest.timeout.connect(self.close)
        self._watch = QTimer(self, singleShot=True)
        self._watch.timeout.connect(lambda: self._fail(no_sound()))

    @property
    def is_running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None

    def set_manner(self, rate: float, volume: float) -> None:
        """Sets how the next sentences are said.

        Args:
            rate: From -1, half as fast as is usual, to 1, twice as fast.
            volume: From 0 to 1.
        """
        self._rate, self._volume = rate, volume

    def say(self, number: int, sentence: Sentence) -> None:
        self._rest.stop()
        self._watch.start(_FIXED_MS + _PER_CHARACTER_MS * len(sentence.text))
        wish = {"say": number, "text": sentence.text, "language": sentence.language}
        self._send(wish | {"rate": self._rate, "volume": self._volume})

    def stop(self) -> None:
        self._watch.stop()
        if self._process is not None:
            self._send({"stop": True})
            self._rest.start()

    def close(self) -> None:
        """Ends the process, at once, and with it whatever is being said."""
        self._rest.stop()
        self._watch.stop()
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(_KILL_MS)
            process.deleteLater()

    def _send(self, wish: dict[str, Any]) -> None:
        process = self._process or self._start()
        process.write(f"{json.dumps(wish)}\n".encode())

    def _start(self) -> QProcess:
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in own_variables(os.environ).items():
            environment.insert(name, value)
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_log)
        process.finished.connect(lambda _code, _status: self._on_end(process))
        process.errorOccurred.connect(lambda error: self._on_error(process, error))
        process.start(self._command[0], self._command[1:])
        return process

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            line = bytes(self._process.readLine(_LONGEST_LINE).data())
            try:
                self._take(parse_json(line))
            except ValueError:  # what some library has to say on the same channel
                _log.debug("not understood of the speech process: %r", line[:200])

    def _read_log(self) -> None:
        if self._process is not None:
            words = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
            _log.debug("speech process: %s", words.strip()[:400])

    def _take(self, message: object) -> None:
        match message:
            case {"said": int(number)}:
                self._watch.stop()
                self._rest.start()
                self.said.emit(number)
            case {"no_voice": str(language)}:
                self._fail(no_voice(language))
            case {"missing": str(words)}:
                self._fail(no_engine(words))
            case {"failed": str(words)}:
                _log.warning("the voice of the system: %s", words)
                self._fail(no_engine(words))

    def _on_error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and process is self._process:
            self._fail(no_engine(process.errorString()))

    def _on_end(self, process: QProcess) -> None:
        """A process has ended; if it was not told to, it cannot have said all."""
        if process is self._process:
            self._read()
        if process is self._process:
            self._fail(no_engine(""))

    def _fail(self, error: Exception) -> None:
        self.close()  # the next sentence tries anew, with what has been installed meanwhile
        self.failed.emit(error)

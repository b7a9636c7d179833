"""What speaks on a desktop: voices that make no sound, and write down what they are told (``libspeechd.c``)."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.desktop_session import DesktopSession
from tests.support.patience import PATIENCE_S

_SOURCE = Path(__file__).with_name("libspeechd.c")
# As speech-dispatcher names those of espeak-ng: it calls Mandarin "cmn", which Qt does not know.
ENGLISH = ("English (America)", "en-US")
MANDARIN = ("Chinese (Mandarin, latin as English)", "cmn")


@dataclass(frozen=True)
class Said:
    """A sentence that was begun.

    Attributes:
        voice: Who said it.
        rate: From -100 to 100.
        text: What.
    """

    voice: str
    rate: int
    text: str


class Voices:
    """Qt's own way to speech-dispatcher leads here."""

    def __init__(self, desktop: DesktopSession) -> None:
        self._folder = desktop.folder / "voices"
        self._folder.mkdir()
        compiler = next(name for name in ("cc", "gcc", "clang", "g++") if shutil.which(name))
        library = self._folder / "libspeechd.so.2"
        command = [compiler, "-x", "c", "-O1", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-pthread"]
        subprocess.run(command, timeout=PATIENCE_S, check=True)
        desktop.environment |= {"LD_LIBRARY_PATH": str(self._folder), "CATNAP_TEST_VOICES": str(self._folder)}

    def install(self, *voices: tuple[str, str]) -> None:
        """Has these voices, each a name and a language, and no others."""
        lines = "".join(f"{name}\t{language}\n" for name, language in voices)
        (self._folder / "voices").write_text(lines, encoding="utf-8")

    def hold(self) -> None:
        """Is done with no sentence from now on."""
        (self._folder / "hold").touch()

    def go_on(self) -> None:
        """Is done with each sentence at once."""
        (self._folder / "hold").unlink(missing_ok=True)

    def told(self) -> list[Said | None]:
        """Returns what was said so far; None: somebody fell silent."""
        file = self._folder / "said"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [_read(line) for line in lines]

    def said(self) -> list[Said]:
        """Returns the sentences that were begun."""
        return [each for each in self.told() if each is not None]


def _read(line: str) -> Said | None:
    what, *facts = line.split("\t")
    if what == "cancel":
        return None
    voice, _language, rate, _volume, text = facts
    return Said(voice, int(rate), text)

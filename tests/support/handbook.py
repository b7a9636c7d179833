"""A real handbook to ask: Debian's installation guide in English and Chinese, as its Debian package ships it.

The questions stand beside the tests of the passages: ``en.tsv`` and ``zh.tsv`` were written first, and the ranking was
chosen by them and by those of ``..._second.tsv``; nothing was tuned by those of ``..._held.tsv``. Each has the place of
its answer as a pattern. ``elsewhere_...txt`` are questions that no such handbook answers.
"""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from desktop.documents.passages.index import Found, PassageIndex
from desktop.documents.reader import read_document
from desktop.documents.types import Document

PACKAGE = "installation-guide-amd64"
_FOLDER = Path("/usr/share/doc") / PACKAGE
_FILES = {"en": "en/install.en.pdf.gz", "zh": "zh_CN/install.zh_CN.pdf.gz"}
_QUESTIONS = Path(__file__).parents[1] / "documents" / "passages" / "questions"


@dataclass(frozen=True)
class Asked:
    """A question about the handbook.

    Attributes:
        place: Pattern of what the passage with the answer says, between single blanks in English and none in Chinese;
            empty: it says nothing about that.
    """

    question: str
    place: str


def handbook(language: str) -> Document:
    """Reads the handbook, as the app reads a document.

    Args:
        language: "en" or "zh".

    Raises:
        FileNotFoundError: The package is not there, or was installed without its documentation.
    """
    file = _FOLDER / _FILES[language]
    if not file.exists():
        raise FileNotFoundError(
            f"{file} is not there: run sudo apt-get install $(packaging/debian-packages.txt). Where {PACKAGE} is, "
            "dpkg was told to leave out what belongs to /usr/share/doc: see path-exclude in /etc/dpkg/dpkg.cfg.d."
        )
    with tempfile.TemporaryDirectory(prefix="catnap-handbook-") as folder:
        unpacked = Path(folder) / file.stem
        unpacked.write_bytes(gzip.decompress(file.read_bytes()))
        return read_document(unpacked)


def questions(name: str) -> tuple[Asked, ...]:
    """Returns the questions of a file.

    Args:
        name: "en", "zh_second", "en_held" and so on.
    """
    lines = (_QUESTIONS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Asked(*line.split("\t")) for line in lines)


def elsewhere(language: str) -> tuple[str, ...]:
    """Returns questions that the handbook does not answer."""
    return tuple((_QUESTIONS / f"elsewhere_{language}.txt").read_text(encoding="utf-8").splitlines())


def answered(index: PassageIndex, document_id: str, asked: Asked, first: int = 3) -> bool:
    """Returns whether the passage with the answer is among the first that are found.

    Args:
        index: It has the handbook.
        document_id: Of the handbook there.
        asked: A question that has an answer.
        first: How many passages are looked at.
    """
    return answers(index.find(asked.question, [document_id], limit=first), asked)


def answers(found: Iterable[Found], asked: Asked) -> bool:
    """Returns whether the passage with the answer is among those that were found."""
    return any(re.search(asked.place, _line(each.passage.text)) for each in found)


def _line(text: str) -> str:
    """Returns a text on one line: lines are broken anywhere, and Chinese has no blanks between words."""
    is_chinese = len(re.findall("[\u4e00-\u9fff]", text)) > len(text) / 10
    return re.sub(r"\s+", "" if is_chinese else " ", text)

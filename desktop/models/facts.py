"""What is known of model files from their headers, remembered by file in facts.json: headers take a while to read.

The file: ``{"version": 1, "by": "1.2.3", "files": [{"device", "inode", "size", "mtime_ns", "facts": {...}}]}``. Facts
end with any change of their file, and all of them with another version of Catnap, which may know more. Losing one costs
reading a header, so a list that cannot be read is just begun anew.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from desktop import __version__
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import FileFault, StateFile, is_count
from desktop.gguf.header import GgufHeader
from desktop.gguf.kind import ModelKind, is_whole_model, kind_of
from desktop.gguf.naming import display_name, plain_name

_VERSION: Final = 1
# Files that are remembered; the oldest go first.
_KEPT: Final = 300
# Bytes of facts.json: 300 of them take a twentieth of it.
_MOST: Final = 4_000_000
_LANGUAGES: Final = 100  # of one model

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelFacts:
    """What the header of a model's file says, in words and numbers that can be shown.

    Attributes:
        name: What to call it.
        architecture: ``general.architecture``; empty where the file does not say.
        parameters: Numbers in all tensors together; 0: unknown.
        quantisation: Such as "Q4_K_M".
        context: Longest context in tokens that it was trained for; 0: unknown.
        languages: Codes of the languages it is said to speak.
        licence: Name of its licence; empty: the file names none.
        has_template: It brings a chat template.
        size: Bytes of all its files.
        files: How many these are.
    """

    name: str
    kind: ModelKind
    architecture: str = ""
    parameters: int = 0
    quantisation: str = ""
    context: int = 0
    languages: tuple[str, ...] = ()
    licence: str = ""
    has_template: bool = False
    size: int = 0
    files: int = 1

    @classmethod
    def of(cls, header: GgufHeader, file_name: str) -> Self:
        """Returns the facts in a whole header.

        Args:
            header: Of a file that is there.
            file_name: Its name.
        """
        kind = kind_of(header, file_name)
        if kind.can_chat and not is_whole_model(header):
            kind = ModelKind.VOCABULARY
        return cls(
            display_name(header, file_name),
            kind,
            plain_name(header.architecture),
            header.parameters,
            plain_name(header.quantisation),
            header.context_trained,
            languages_of(header.metadata.get("general.languages")),
            _licence(header),
            header.chat_template is not None,
            header.file_size,
            header.files,
        )


def languages_of(value: object) -> tuple[str, ...]:
    """Returns the language codes in a value that somebody else wrote, each once; what is none is left out."""
    entries: Iterable[object] = (value,) if isinstance(value, str) else value if isinstance(value, tuple | list) else ()
    codes = (str(entry).strip().lower() for entry in entries if isinstance(entry, str))
    return tuple(dict.fromkeys(code for code in codes if is_language(code)))[:_LANGUAGES]


def is_language(code: str) -> bool:
    """Tells whether a text looks like the code of a language: "zh", "pt-br"."""
    main, _, rest = code.partition("-")
    return (
        main.isascii() and main.isalpha() and 2 <= len(main) <= 3 and (not rest or (rest.isalnum() and len(rest) < 9))
    )


def _licence(header: GgufHeader) -> str:
    # Where it is "other" the name says which.
    for key in ("general.license.name", "general.license"):
        value = header.metadata.get(key)
        if isinstance(value, str) and (name := plain_name(value)):
            return name
    return ""


class FactsFile:
    """The facts that are remembered. Any thread, one change at a time."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of facts.json; made with the first facts.
        """
        self._file = StateFile(file, _facts, version=_VERSION, most=_MOST)

    @property
    def problem(self) -> FileFault | None:
        """What was wrong with the file when it was read, to be said once; None: nothing so far."""
        return self._file.problem

    def read(self) -> Mapping[FileIdentity, ModelFacts]:
        """Returns all that is remembered."""
        return self._file.read() or {}

    def remember(self, new: Mapping[FileIdentity, ModelFacts]) -> None:
        """Remembers facts; where that fails, the headers will be read once more."""
        known = {**self.read(), **new}
        entries = [
            {**asdict(identity), "facts": {**asdict(facts), "kind": facts.kind.value}}
            for identity, facts in list(known.items())[-_KEPT:]
        ]
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.write({"by": __version__, "files": entries})
        except OSError as problem:
            _log.warning("facts of models not remembered: %s", problem)


def _facts(document: dict[str, Any]) -> dict[FileIdentity, ModelFacts]:
    if document["by"] != __version__ and isinstance(document["by"], str):
        return {}
    return dict(_entry(entry) for entry in document["files"])


def _entry(entry: Any) -> tuple[FileIdentity, ModelFacts]:
    numbers = [entry[key] for key in ("device", "inode", "size", "mtime_ns")]
    facts = dict(entry["facts"])
    texts = [facts[key] for key in ("name", "architecture", "quantisation", "licence")]
    counts = [facts[key] for key in ("parameters", "context", "size", "files")]
    if not all(isinstance(number, int) for number in numbers) or not all(map(is_count, counts)):
        raise ValueError("wrong type")
    if not all(isinstance(text, str) for text in texts) or not isinstance(facts["has_template"], bool):
        raise ValueError("wrong type")
    facts["kind"], facts["languages"] = ModelKind(facts["kind"]), languages_of(facts["languages"])
    return FileIdentity(*numbers), ModelFacts(**facts)

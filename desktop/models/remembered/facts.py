"""What is known of model files from their headers, remembered by file in facts.json: headers take a while to read.

In the form of :mod:`desktop.models.remembered.file_memory`, each entry with ``"facts": {...}``. Losing one costs
reading a header.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import is_count
from desktop.gguf.header import GgufHeader, read_header
from desktop.gguf.kind import ModelKind, is_whole_model, kind_of
from desktop.gguf.naming import display_name, plain_name
from desktop.gguf.parts import model_identity
from desktop.models.remembered.file_memory import FileMemory

# Files that are remembered; the oldest go first.
_KEPT: Final = 300
# Bytes of facts.json: 300 of them take a twentieth of it.
_MOST: Final = 4_000_000
_LANGUAGES: Final = 100  # of one model


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


class FactsFile(FileMemory[ModelFacts]):
    """The facts that are remembered."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of facts.json.
        """
        super().__init__(file, _entry, _facts, kept=_KEPT, most=_MOST)


class FactsOnDemand:
    """The facts of files that are there, remembered or read from their headers now, for one look at all of them."""

    def __init__(self, file: FactsFile) -> None:
        """
        Args:
            file: Where they are remembered; read at once, and written by :meth:`remember`.
        """
        self._file = file
        self._known = file.read()
        self._new: dict[FileIdentity, ModelFacts] = {}

    def of(self, path: Path) -> ModelFacts:
        """Returns the facts of a model's file.

        Raises:
            UserFacingError: It is no model's file.
            OSError: It cannot be looked at.
        """
        identity = model_identity(path)
        facts = self._known.get(identity) or self._new.get(identity)
        if facts is None:
            facts = self._new[identity] = ModelFacts.of(read_header(path), path.name)
        return facts

    def remember(self) -> None:
        """Remembers what was read."""
        if self._new:
            self._file.remember(self._new)


def _entry(facts: ModelFacts) -> dict[str, Any]:
    return {"facts": {**asdict(facts), "kind": facts.kind.value}}


def _facts(entry: Any) -> ModelFacts:
    facts = dict(entry["facts"])
    texts = [facts[key] for key in ("name", "architecture", "quantisation", "licence")]
    counts = [facts[key] for key in ("parameters", "context", "size", "files")]
    if not all(map(is_count, counts)):
        raise ValueError("wrong type")
    if not all(isinstance(text, str) for text in texts) or not isinstance(facts["has_template"], bool):
        raise ValueError("wrong type")
    facts["kind"], facts["languages"] = ModelKind(facts["kind"]), languages_of(facts["languages"])
    return ModelFacts(**facts)

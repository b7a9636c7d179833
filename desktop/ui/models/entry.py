"""What the models dialog says about a model, in the language of the interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import plain_name
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.students import StudentCard
from desktop.models.types import AddedSpec, DownloadProgress, DownloadState, InstalledModel, ModelSpec, Thinking
from desktop.ui.models.kind_words import kind_words
from desktop.ui.words import SEPARATOR, amount_words, listed, percent_words, progress_words


class CardAction(Enum):
    """What the user asks for on a card."""

    DOWNLOAD = "download"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    USE = "use"
    FIND = "find"
    REMOVE = "remove"
    VERIFY = "verify"
    LICENCE = "licence"
    DETAILS = "details"
    ABILITIES = "abilities"
    SMALLER = "smaller"
    REPORT = "report"


class EntryPhase(Enum):
    """Where a model stands."""

    AVAILABLE = "available"
    PAUSED = "paused"
    WAITING = "waiting"
    RUNNING = "running"
    CHECKING = "checking"
    FAILED = "failed"
    ARRIVED = "arrived"  # downloaded; the library has not said so yet
    INSTALLED = "installed"
    IN_USE = "in use"
    MISSING = "missing"
    TRYING = "trying"  # in a process of its own, before it may be chosen
    UNUSABLE = "unusable"  # it was tried, and does not work
    NO_CHAT = "no chat"  # it is something else than a model to chat with
    COMPARES = "compares"  # it can find passages of documents by what they mean
    FINDS = "finds"  # it does so now


UNDER_WAY = (EntryPhase.WAITING, EntryPhase.RUNNING, EntryPhase.CHECKING, EntryPhase.TRYING)

PHASES: Final[Mapping[DownloadState, EntryPhase]] = {
    DownloadState.WAITING: EntryPhase.WAITING,
    DownloadState.RUNNING: EntryPhase.RUNNING,
    DownloadState.VERIFYING: EntryPhase.CHECKING,
    DownloadState.PAUSED: EntryPhase.PAUSED,
    DownloadState.DONE: EntryPhase.ARRIVED,
    DownloadState.FAILED: EntryPhase.FAILED,
}


def status_text(phase: EntryPhase, checked: str) -> str:
    """Returns what stands beside the name of a model that is here.

    Args:
        checked: What reading the file again has shown; empty: it was not read again.
    """
    match phase:
        case EntryPhase.IN_USE:
            return SEPARATOR.join(filter(None, (checked, QCoreApplication.translate("Models", "In use"))))
        case EntryPhase.INSTALLED | EntryPhase.ARRIVED:
            return checked or QCoreApplication.translate("Models", "Installed")
        case EntryPhase.MISSING:
            return QCoreApplication.translate("Models", "The file is missing")
        case EntryPhase.UNUSABLE:
            return QCoreApplication.translate("Models", "Does not work")
        case EntryPhase.NO_CHAT:
            return QCoreApplication.translate("Models", "Not for chats")
        case EntryPhase.COMPARES:
            return checked or QCoreApplication.translate("Models", "Installed")
        case EntryPhase.FINDS:
            return SEPARATOR.join(filter(None, (checked, QCoreApplication.translate("Models", "Finds by meaning"))))
    return ""


def action_text(phase: EntryPhase, size: int | None) -> str:
    """Returns the words of the main button; empty: there is nothing to do.

    Args:
        size: Bytes to be named in the offer to download; None: not named.
    """
    match phase:
        case EntryPhase.AVAILABLE if size is not None:
            return QCoreApplication.translate("Models", "Download {size}").format(size=format_bytes(size))
        case EntryPhase.AVAILABLE:
            return QCoreApplication.translate("Models", "Download")
        case EntryPhase.WAITING | EntryPhase.RUNNING:
            return QCoreApplication.translate("Models", "Pause")
        case EntryPhase.PAUSED:
            return QCoreApplication.translate("Models", "Resume")
        case EntryPhase.FAILED | EntryPhase.UNUSABLE:
            return QCoreApplication.translate("Models", "Try again")
        case EntryPhase.INSTALLED:
            return QCoreApplication.translate("Models", "Use this")
        case EntryPhase.COMPARES:
            return QCoreApplication.translate("Models", "Find by meaning with it")
    return ""


def progress_text(phase: EntryPhase, progress: DownloadProgress) -> str:
    """Returns the line below the progress bar."""
    match phase:
        case EntryPhase.WAITING:
            return SEPARATOR.join((_connecting(progress.host), amount_words(progress.done, progress.total)))
        case EntryPhase.CHECKING:
            share = percent_words(progress.done / progress.total) if progress.total else ""
            return QCoreApplication.translate("Models", "Checking the file… {percent}").format(percent=share)
        case EntryPhase.PAUSED:
            return paused_text(progress.done, progress.total)
    return progress_words(progress)


def paused_text(done: int, total: int) -> str:
    """Returns how far a download had got."""
    return QCoreApplication.translate("Models", "Paused at {amount}").format(amount=amount_words(done, total))


def _connecting(host: str) -> str:
    if host:
        return QCoreApplication.translate("Models", "Connecting to {host}…").format(host=host)
    return QCoreApplication.translate("Models", "Connecting…")


_LANGUAGES_NAMED = 3

# Where those who wrote the licences keep them; a licence not listed is read on the model's own page.
_LICENCE_PAGES = (
    ("apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    ("mit", "https://opensource.org/license/mit"),
    ("gemma", "https://ai.google.dev/gemma/terms"),
    ("llama 3.2", "https://www.llama.com/llama3_2/license/"),
    ("lfm", "https://www.liquid.ai/lfm-license"),
    ("qwen research", "https://huggingface.co/Qwen/Qwen2.5-3B-Instruct/blob/main/LICENSE"),
)


@dataclass(frozen=True)
class ModelEntry:
    """A row of the models dialog: one of the catalogue, installed or not, or a file of the user's own.

    Attributes:
        spec: The catalogue entry; None for an own file.
        installed: What is on disk and usable; None: not here.
        fit: None where nobody can tell.
        partial: Bytes on disk of a download that was begun.
        read_bytes: Bytes that must be read into memory, since they lie on a drive that may go; 0: they are mapped.
        marked: It has brought the engine down twice while loading.
        trying: It is being tried.
        ability: What it can do, in words; empty: it was not checked.
        finds: It is the one that finds passages of documents by what they mean.
        why: Why it is offered to somebody who has none yet; its card is short then. Empty: it is one of many.
    """

    id: str
    name: str
    spec: ModelSpec | None
    installed: InstalledModel | None
    in_use: bool = False
    recommended: bool = False
    fit: Judgement | None = None
    partial: int = 0
    read_bytes: int = 0
    marked: bool = False
    trying: bool = False
    ability: str = ""
    finds: bool = False
    why: str = ""

    @property
    def trouble(self) -> UserFacingError | None:
        """What came of trying it, where that is not all well; None: nothing is known against it."""
        here = self.installed
        return here.verdict.problem if here is not None and here.verdict is not None and not here.is_trusted else None

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        if self.installed is not None:
            return self.installed.size
        return self.spec.size if self.spec is not None else 0

    @property
    def speaks_chinese(self) -> bool:
        return any(code.split("-")[0] == "zh" for code in self.languages)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages it speaks, as far as anybody has said so."""
        if self.installed is not None and self.installed.languages:
            return self.installed.languages
        return self.spec.languages if self.spec is not None else ()

    @property
    def kind(self) -> ModelKind:
        """What it is, or probably is before it is here."""
        if self.installed is not None:
            return self.installed.kind
        return self.spec.kind if isinstance(self.spec, AddedSpec) else ModelKind.CHAT

    @property
    def file_stays(self) -> bool:
        """Whether no file goes when it is removed: the user's own stay, students that were made here go."""
        is_gone = self.installed is not None and self.installed.missing
        return self.spec is None and (is_gone or not self.is_student)

    @property
    def is_student(self) -> bool:
        """Whether it is a student that was made here."""
        return self.installed is not None and self.installed.student is not None

    @property
    def is_own(self) -> bool:
        """Whether it is one of the user's own: a file, or added from Hugging Face."""
        return self.spec is None or self.spec.is_added


def phase_here(entry: ModelEntry, installed: InstalledModel) -> EntryPhase:
    """Returns where a model stands whose file is on disk."""
    if entry.trying:
        return EntryPhase.TRYING
    if installed.missing:
        return EntryPhase.MISSING
    if entry.in_use:
        return EntryPhase.IN_USE
    if installed.kind is ModelKind.EMBEDDING:
        return EntryPhase.FINDS if entry.finds else EntryPhase.COMPARES
    if not installed.kind.can_chat:
        return EntryPhase.NO_CHAT
    return EntryPhase.UNUSABLE if installed.is_bad else EntryPhase.INSTALLED


def rank(entry: ModelEntry) -> tuple[bool, bool, bool, bool]:
    """Sorts: here, in use; then the recommended one, the catalogue's order, and what is too big at the end."""
    too_big = entry.fit is not None and entry.fit.fit is Fit.TOO_BIG
    return entry.installed is None, not entry.in_use, not entry.recommended, too_big and entry.installed is None


def fit_words(fit: Judgement) -> str:
    """Returns the sentence about memory."""
    needed, free = format_bytes(fit.needed), format_bytes(fit.free)
    if fit.fit is Fit.COMFORTABLE:
        text = QCoreApplication.translate("Models", "fits comfortably in memory ({needed})")
    elif fit.fit is Fit.TIGHT:
        text = QCoreApplication.translate("Models", "tight: needs {needed} of memory, {free} free")
    else:
        text = QCoreApplication.translate("Models", "too big: needs {needed} of memory, {free} free")
    return text.format(needed=needed, free=free)


def summary_words(entry: ModelEntry, chinese: bool) -> str:
    """Returns the one honest sentence; for an own file, where it lies."""
    if entry.spec is not None and entry.spec.is_added:
        return QCoreApplication.translate("Models", "From Hugging Face: {repo}").format(repo=entry.spec.repo)
    if entry.spec is not None:
        return entry.spec.summary_zh if chinese else entry.spec.summary_en
    if entry.installed is not None and entry.installed.student is not None:
        return student_words(entry.installed.student)
    if entry.installed is not None:
        path = plain_name(str(entry.installed.path))
        return QCoreApplication.translate("Models", "Your own file: {path}").format(path=path)
    return ""


def student_words(card: StudentCard) -> str:
    """Returns whose student a model is, and how it reads texts beside its teacher."""
    if not card.asked:
        return QCoreApplication.translate("Models", "A student of {teacher}, made here.").format(teacher=card.teacher)
    text = QCoreApplication.translate(
        "Models", "A student of {teacher}, made here. Reads texts: {right} of {asked} facts, its teacher {others}."
    )
    return text.format(teacher=card.teacher, right=card.reads, asked=card.asked, others=card.teacher_reads)


def mark_words(entry: ModelEntry) -> str:
    """Returns what is known against a model and what can be done; empty: nothing is."""
    if not entry.marked:
        return ""
    if entry.spec is None:
        return QCoreApplication.translate(
            "Models",
            "This model has brought the engine down twice while loading, so it is not woken before you ask. "
            "Choose another model, put another file in its place, or report it.",
        )
    return QCoreApplication.translate(
        "Models",
        "This model has brought the engine down twice while loading, so it is not woken before you ask. "
        "Choose another model, remove this one and download it again, or report it.",
    )


def facts_words(entry: ModelEntry) -> str:
    """Returns size, languages, licence and fit on one line."""
    parts = [format_bytes(entry.size)]
    if entry.is_own:
        facts = entry.installed.facts if entry.installed is not None else None
        parts += [facts.quantisation if facts is not None else "", kind_words(entry.kind)]
    parts.append(languages_words(entry.languages))
    if entry.spec is not None:
        parts.append(entry.spec.licence)
        if entry.spec.thinking is Thinking.SWITCHABLE:
            parts.append(QCoreApplication.translate("Models", "can think first"))
    if entry.fit is not None:
        parts.append(fit_words(entry.fit))
    if entry.read_bytes:
        text = QCoreApplication.translate(
            "Models",
            "on a removable or network drive: read into memory whole, {size} that the system cannot take back",
        )
        parts.append(text.format(size=format_bytes(entry.read_bytes)))
    return SEPARATOR.join(part for part in parts if part)


def languages_words(codes: Sequence[str]) -> str:
    """Returns the names of the first few languages and how many more there are; a code without a name stays."""
    names = [_language(code) for code in codes[:_LANGUAGES_NAMED]]
    text = listed(names)
    more = len(codes) - len(names)
    if more > 0:
        return QCoreApplication.translate("Models", "{languages} and {count} more").format(languages=text, count=more)
    return text


def licence_page(spec: ModelSpec) -> str:
    """Returns the address of the licence's text."""
    licence = spec.licence.lower()
    for start, address in _LICENCE_PAGES:
        if licence.startswith(start):
            return address
    return f"https://huggingface.co/{spec.repo}"


def _language(code: str) -> str:
    names = {
        "ar": QCoreApplication.translate("Models", "Arabic"),
        "de": QCoreApplication.translate("Models", "German"),
        "en": QCoreApplication.translate("Models", "English"),
        "es": QCoreApplication.translate("Models", "Spanish"),
        "fr": QCoreApplication.translate("Models", "French"),
        "hi": QCoreApplication.translate("Models", "Hindi"),
        "it": QCoreApplication.translate("Models", "Italian"),
        "ja": QCoreApplication.translate("Models", "Japanese"),
        "ko": QCoreApplication.translate("Models", "Korean"),
        "pt": QCoreApplication.translate("Models", "Portuguese"),
        "ru": QCoreApplication.translate("Models", "Russian"),
        "th": QCoreApplication.translate("Models", "Thai"),
        "vi": QCoreApplication.translate("Models", "Vietnamese"),
        "zh": QCoreApplication.translate("Models", "Chinese"),
    }
    known = names.get(code.split("-", maxsplit=1)[0])
    return known or QLocale(code).nativeLanguageName() or code

"""What a person has been shown so far, told by the program's window report by report until it is killed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What may make of the messages that are shown other ones, or of the conversations that are there.
TURNING = frozenset(("edit", "page", "undo", "redo", "regenerate"))
STEPPING = frozenset(("undo", "redo"))


@dataclass(frozen=True)
class Message:
    """A message as shown, or as stored."""

    id: int
    parent: int | None
    role: str
    text: str
    state: str = "complete"


@dataclass
class Conversation:
    """A conversation as shown, or as stored.

    Attributes:
        title: None: not known.
        deleted: It is among those recently deleted.
        messages: Every version of every message that was ever shown, by id.
        path: Those shown in the end.
    """

    title: str | None = None
    deleted: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    path: list[int] = field(default_factory=list)


@dataclass
class Growing:
    """An answer that was on its way.

    Attributes:
        question: The message it answers; None: not known.
        replaces: The version that was shown before; None: none.
        pieces: (moment, text) of all that was shown of it.
        is_whole: It has ended and was to be stored, so nothing of it may be missing.
    """

    question: int | None
    replaces: int | None
    pieces: list[tuple[float, str]] = field(default_factory=list)
    is_whole: bool = False

    @property
    def text(self) -> str:
        return "".join(piece for _at, piece in self.pieces)


@dataclass(frozen=True)
class Batch:
    """What an import brings.

    Attributes:
        messages: The first words of each conversation, and how many messages it has.
        is_whole: The window has said that all of it is there.
    """

    messages: Mapping[str, int]
    is_whole: bool = False


@dataclass
class Shown:
    """All that must be there after a kill.

    Attributes:
        conversations: By id, those recently deleted among them.
        aging: Of the deleted ones, those whose days are over: the next start removes them.
        growing: Answers on their way, by conversation.
        ended: Answers that the deletion of their conversation has ended.
        drafts: (text, since when), by conversation; of the one not begun under an empty id.
        settings: Of the settings that the script changes, what they are.
        settings_before: What each was before, and until when.
        batches: What was imported, by file.
        doing: What the person has just asked for and was not yet shown the end of; it may have happened or not.
        problems: What the program had to say when it started.
        was_damaged: Its file was damaged on purpose, so that it has something to recover.
        broken: What ended the script itself.
    """

    conversations: dict[str, Conversation] = field(default_factory=dict)
    aging: set[str] = field(default_factory=set)
    growing: dict[str, Growing] = field(default_factory=dict)
    ended: dict[str, Growing] = field(default_factory=dict)
    drafts: dict[str, tuple[str, float]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    settings_before: dict[str, tuple[Any, float]] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    doing: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    was_damaged: bool = False
    broken: str = ""

    def hear(self, report: dict[str, Any]) -> None:
        """Takes a report; of those that say something about other things, nothing is taken."""
        match report["what"]:
            case "does":
                self.doing = report
                if report["action"] == "import":
                    self.batches.setdefault(report["file"], Batch(report["messages"]))
            case "message":
                self._on_message(report)
            case "began":
                self._on_began(report["conversation"], report["replaces"])
            case "grew":
                if report["conversation"] in self.growing:
                    self.growing[report["conversation"]].pieces.append((report["at"], report["text"]))
            case "answer":
                self._on_answer(report)
            case "over":
                self.growing.pop(report["conversation"], None)
            case "imported":
                self.batches[report["file"]] = Batch(self.batches[report["file"]].messages, is_whole=True)
            case "sees":
                self._on_seen(report)
                self.doing = {}
            case "wrote":
                self._note_draft(report["conversation"], report["text"], report["at"])
            case "ready":
                self.problems = report["problems"]
            case "broken":
                self.broken = report["why"]

    def _on_message(self, report: dict[str, Any]) -> None:
        conversation = self.conversations.setdefault(report["conversation"], Conversation())
        message = _message(report)
        conversation.messages[message.id] = message
        for draft in (report["conversation"], ""):
            self._note_draft(draft, "", report["at"])
        old = report["instead_of"]
        if old in conversation.path:
            conversation.path = conversation.path[: conversation.path.index(old)]
        conversation.path.append(message.id)

    def _on_began(self, conversation_id: str, replaces: int | None) -> None:
        conversation = self.conversations.setdefault(conversation_id, Conversation())
        if replaces is not None and replaces in conversation.path:
            conversation.path = conversation.path[: conversation.path.index(replaces)]
        question = conversation.path[-1] if conversation.path else None
        self.growing[conversation_id] = Growing(question, replaces)

    def _on_answer(self, report: dict[str, Any]) -> None:
        conversation = self.conversations.setdefault(report["conversation"], Conversation())
        message = _message(report)
        conversation.messages[message.id] = message
        self.growing.pop(report["conversation"], None)
        if conversation.path and conversation.path[-1] == message.parent:
            conversation.path.append(message.id)

    def _on_seen(self, report: dict[str, Any]) -> None:
        """Takes all that can be seen: the list, those deleted, the page, what is written, the settings."""
        there = {**dict(report["list"]), **dict.fromkeys(report["deleted"])}
        for gone in self.conversations.keys() - there.keys():
            del self.conversations[gone]
            self.growing.pop(gone, None)
            self.ended.pop(gone, None)
        for conversation_id, title in there.items():
            conversation = self.conversations.setdefault(conversation_id, Conversation())
            conversation.deleted = conversation_id in report["deleted"]
            conversation.title = title if title is not None else conversation.title
            if conversation.deleted and conversation_id in self.growing:
                self.ended[conversation_id] = self.growing.pop(conversation_id)
                self.ended[conversation_id].is_whole = True
        current = report["current"]
        if current in self.conversations and not report["busy"]:
            self.conversations[current].path = report["path"]
            self.ended.pop(current, None)  # it is seen again, with what was stored of its answer
            for message in report["page"]:
                self.conversations[current].messages.setdefault(message["id"], _message(message))
        for conversation_id in report["drafts"].keys() | self.drafts.keys():
            self._note_draft(conversation_id, report["drafts"].get(conversation_id, ""), report["at"])
        for key, value in report["settings"].items():
            if key in self.settings and self.settings[key] != value:
                self.settings_before[key] = (self.settings[key], report["at"])
        self.settings = report["settings"]

    def _note_draft(self, conversation_id: str, text: str, at: float) -> None:
        if self.drafts.get(conversation_id, ("", 0.0))[0] != text:
            self.drafts[conversation_id] = (text, at)


def _message(report: dict[str, Any]) -> Message:
    return Message(report["id"], report["parent"], report["role"], report["text"], report["state"])

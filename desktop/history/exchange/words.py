"""The words that stand between the messages of an export for people; the interface translates them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desktop.engine.types import Role
from desktop.history.exchange.extent import LeftOut
from desktop.history.records import MessageState, StoredMessage

SEPARATOR: Final = " · "


@dataclass(frozen=True)
class ExportWords:
    """What an export says in a person's language; the defaults are English.

    Attributes:
        you: Name of the user.
        model: Name of a model that is not known.
        untitled: Title of a conversation without one.
        thoughts: Heading of the thoughts of a model.
        exported: {0} the program, {1} the time.
        page: Of paper: {0} the number, {1} how many there are.
        left_out: {0} what is not told, several joined by :data:`SEPARATOR`.
        one_thought, many_thoughts: What is not told: {0} how many.
        one_version, many_versions: As before.
        number: {0} the number of a message that has versions.
        version: {0} the number, {1} how many there are.
        others: Heading of the messages that are not in view.
        instead: {0} the number of the message in the conversation that these messages are versions of.
        states: How an answer ended, where it did not end well.
    """

    you: str = "You"
    model: str = "Model"
    untitled: str = "Conversation"
    thoughts: str = "Thoughts"
    exported: str = "Exported from {0} on {1}"
    page: str = "Page {0} of {1}"
    left_out: str = "Left out: {0}"
    one_thought: str = "the thoughts of 1 answer"
    many_thoughts: str = "the thoughts of {0} answers"
    one_version: str = "1 message of other versions"
    many_versions: str = "{0} messages of other versions"
    number: str = "message {0}"
    version: str = "version {0} of {1}"
    others: str = "Other versions"
    instead: str = "Instead of message {0}"
    stopped: str = "stopped"
    interrupted: str = "interrupted"
    failed: str = "failed"

    def speaker(self, message: StoredMessage) -> str:
        """Returns who speaks, in one line."""
        if message.role is Role.USER:
            return self.you
        return " ".join(message.model.split()) or self.model

    def notes(self, message: StoredMessage, number: int | None = None) -> list[str]:
        """Returns what else is to be said of a message: which version, how it ended.

        Args:
            message: The message.
            number: Its number among those in view, by which its other versions refer to it; None: they are not told.
        """
        notes = [self.version.format(message.version, message.versions)] if message.versions > 1 else []
        if number is not None and notes:
            notes.insert(0, self.number.format(number))
        ends = {
            MessageState.STOPPED: self.stopped,
            MessageState.INTERRUPTED: self.interrupted,
            MessageState.FAILED: self.failed,
        }
        if message.state in ends:
            notes.append(ends[message.state])
        return notes

    def what_is_left_out(self, left_out: LeftOut) -> str:
        """Returns in a line what an export does not tell; empty: it tells everything."""
        parts = []
        if left_out.thoughts:
            parts.append((self.one_thought if left_out.thoughts == 1 else self.many_thoughts).format(left_out.thoughts))
        if left_out.versions:
            parts.append((self.one_version if left_out.versions == 1 else self.many_versions).format(left_out.versions))
        return self.left_out.format(SEPARATOR.join(parts)) if parts else ""


def local_time(seconds: float) -> str:
    """Returns a time as people here read it and machines sort it; empty where the calendar ends."""
    try:
        return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return ""

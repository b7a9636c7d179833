"""The words that stand between the messages of an export for people; the interface translates them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop.engine.types import Role
from desktop.history.records import MessageState, StoredMessage


@dataclass(frozen=True)
class ExportWords:
    """What an export says in a person's language; the defaults are English.

    Attributes:
        you: Name of the user.
        model: Name of a model that is not known.
        untitled: Title of a conversation without one.
        thoughts: Heading of the thoughts of a model.
        exported: {0} the program, {1} the time.
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

    def notes(self, message: StoredMessage) -> list[str]:
        """Returns what else is to be said of a message: which version, how it ended."""
        notes = [self.version.format(message.version, message.versions)] if message.versions > 1 else []
        ends = {
            MessageState.STOPPED: self.stopped,
            MessageState.INTERRUPTED: self.interrupted,
            MessageState.FAILED: self.failed,
        }
        if message.state in ends:
            notes.append(ends[message.state])
        return notes


def local_time(seconds: float) -> str:
    """Returns a time as people here read it and machines sort it; empty where the calendar ends."""
    try:
        return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return ""

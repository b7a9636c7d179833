"""What a person wants of a message, wherever on the page they said so: by a link, in the row below it, in its menu."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class MessageRequests(QObject):
    """What shall be done; whoever can do it is connected.

    Signals:
        regenerateRequested: The last answer shall be given again.
        continueRequested: The last answer shall go on where it was cut off.
        editRequested: The user's message with this id shall be edited.
        readRequested: The message with this id shall be read aloud, or no further.
        deleteRequested: The message with this id shall be deleted.
        rateRequested: (id, rating) What the person thinks of an answer: 1 good, -1 bad, 0 nothing any more.
        languageRequested: (code of two letters) The last answer shall be given again in this language.
        sourceRequested: (id, number) The place shall be shown that an answer was taken from, the first one is 0.
        versionRequested: (id, step) Instead of this message the version shall be shown that is so many further.
    """

    regenerateRequested = Signal()
    continueRequested = Signal()
    editRequested = Signal(int)
    readRequested = Signal(int)
    deleteRequested = Signal(int)
    rateRequested = Signal(int, int)
    versionRequested = Signal(int, int)
    sourceRequested = Signal(int, int)
    languageRequested = Signal(str)

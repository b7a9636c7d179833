"""Chat windows and transcripts for the tests, shown and of a known size."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop.ui.chat.window import ChatWindow
from desktop.ui.transcript.plain_text import plain_text
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import conversation
from tests.rigs.meter import Meter

A, B = conversation("a", "Cats"), conversation("b", "Dogs")
LONG = "\n\n".join(f"Paragraph {number} of an answer that takes several lines on a page." for number in range(60))


def chat_window(qtbot: QtBot, meter: Meter) -> ChatWindow:
    """Returns a window with the conversations A and B in its list, and none on its page."""
    window = ChatWindow(meter)
    qtbot.addWidget(window, before_close_func=lambda widget: widget.end())
    window.resize(1024, 600)
    with qtbot.waitExposed(window):
        window.show()
    window.list.set_conversations([A, B], None)
    return window


def transcript(qtbot: QtBot) -> TranscriptView:
    """Returns an empty page, low enough to be scrolled."""
    view = TranscriptView()
    qtbot.addWidget(view)
    view.resize(700, 400)
    with qtbot.waitExposed(view):
        view.show()
    return view


def enlarge(view: TranscriptView) -> None:
    """Gives a page a larger font."""
    font = view.font()
    font.setPointSizeF(18)
    view.setFont(font)


def copied(view: TranscriptView) -> str:
    """Returns what is written on the page, as copying it piece by piece would put it on the clipboard."""
    view.selectAll()
    return plain_text(view.textCursor())


def whole(view: TranscriptView) -> str:
    """Returns what selecting and copying everything puts on the clipboard."""
    view.selectAll()
    return view.createMimeDataFromSelection().text()


def at_bottom(view: TranscriptView) -> bool:
    """Tells whether the end of the page is in view."""
    return view.verticalScrollBar().value() == view.verticalScrollBar().maximum()

"""The windows that the rows of the table of faults under C, F6 and F7 are seen in, with the inputs that it names."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from desktop.history.records import SearchHit, Transcript
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.chat.empty_page import EmptyPage
from desktop.ui.chat.window import ChatWindow
from tests.rigs.conversations import answer, conversation, question
from tests.rigs.every_window import empty_chat
from tests.rigs.meter import Meter
from tests.support.widgets import children

_LIST = """\
To keep the photographs safe:

1. Make a folder:
   ```bash
   mkdir photos
   cd photos
   ```
2. Copy them:
   ```bash
   cp /media/card/*.jpg .
   ```
3. Look whether all are there.
"""
_PRODUCTS = "The area is 3*d-4*b square metres, and with x_1 * x_2 * y_3 boxes it is 2*3*4 = 24 of them."
_FORMULAS = """\
Where \\(a \\neq 0\\), the solutions are

$$x = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}$$

and with mass and energy it is

\\[E = mc^2\\]
"""


def _answered(asked: str, text: str) -> ChatWindow:
    window = ChatWindow(Meter())
    talk = conversation("c", asked)
    window.list.set_conversations([talk, conversation("d", "Dogs")], "c")
    window.set_title(asked)
    window.pane.show_transcript(Transcript(talk, (question(1, asked), answer(2, text))))
    return window


def code_in_list() -> ChatWindow:
    """C1: a numbered list whose items hold code."""
    return _answered("How do I copy my photographs?", _LIST)


def products() -> ChatWindow:
    """C2: stars and underscores that mean no emphasis."""
    return _answered("How large is it?", _PRODUCTS)


def formulas() -> ChatWindow:
    """C3: LaTeX."""
    return _answered("How is a quadratic equation solved?", _FORMULAS)


def search_by_keyboard() -> ChatWindow:
    """C9: the second of two hits is reached with the arrow keys; the words are marked in both."""
    window = ChatWindow(Meter())
    talks = conversation("c", "Cats"), conversation("d", "Dogs")
    window.list.set_conversations(talks, None)
    window.show()
    window.activateWindow()
    window.list.focus_search()
    field = children(window.list, QLineEdit)[0]
    field.setText("nap")
    hits = "A cat naps fourteen hours.", "A dog naps twelve."
    places = [(hit.index("nap"), hit.index("nap") + 3) for hit in hits]
    window.list.set_hits(
        [SearchHit(talk, 2, hit, (place,)) for talk, hit, place in zip(talks, hits, places, strict=True)]
    )
    QTest.keyClick(field, Qt.Key.Key_Down)
    return window


def keyboard_in_list() -> ChatWindow:
    """C10: Tab has brought the keyboard into the list of conversations."""
    window = _answered("How long does a cat sleep?", "Fourteen hours.")
    window.show()
    window.activateWindow()
    window.list.rows.setFocus(Qt.FocusReason.TabFocusReason)
    return window


def without_a_model() -> ChatWindow:
    """C12: nothing sleeps where there is no model."""
    window = ChatWindow(Meter())
    window.set_activity(Activity(ActivityKind.NO_MODEL))
    return window


def starter_pressed() -> ChatWindow:
    """F6: one click on a question to begin with."""
    window = empty_chat()
    talk = conversation("c", "Cats")

    def send(text: str) -> None:
        window.pane.show_transcript(Transcript(talk, (question(1, text),)))

    window.pane.sendRequested.connect(send)
    window.show()
    page = children(window, EmptyPage)[0]
    starter = next(button for button in children(page, QAbstractButton) if button.text().endswith(("?", "？")))
    QTest.mouseClick(starter, Qt.MouseButton.LeftButton)
    return window

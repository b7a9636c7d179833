"""The row of signs below a message."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.widgets.glyphs import GlyphButton
from tests.rigs.conversations import answer, question
from tests.rigs.windows import transcript
from tests.support.widgets import child, children


def test_what_is_offered_follows_the_answer_while_the_row_stays(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([question(1)], 0)
    bar = child(view, MessageBar)

    def offered() -> list[str]:
        return [sign.accessibleName() for sign in children(bar, GlyphButton, shown=True)]

    bar.show_for(view.messages[0])
    assert "Edit and ask again" in offered()
    # WHEN an answer grows THEN nothing above it can be changed
    view.begin_answer(None, "")
    assert offered() == ["Copy message", "Read aloud"]
    # AND when it has ended, all of it can, with the mouse where it was
    view.finish_answer(answer(2))
    assert offered() == ["Copy message", "Read aloud", "Edit and ask again", "Delete message"]

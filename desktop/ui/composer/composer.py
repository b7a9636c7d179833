"""The composer: where a message is written. Enter sends, Shift+Enter breaks the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QTextCursor
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

from desktop.ui.composer.edit import ComposerEdit
from desktop.ui.composer.send_button import SendButton
from desktop.ui.next_message.context_meter import ContextMeter
from desktop.ui.theme.apostrophes import NarrowApostrophes, is_wide
from desktop.ui.theme.focus import draw_focus
from desktop.ui.theme.metrics import message_font, spacing, unit
from desktop.ui.theme.palette import elsewhere, tinted
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.words import plain_tip


class Composer(QFrame):
    """The text field with its button, and a line that says when an old message is being edited.

    Signals:
        submitted: The text to send, or, while an answer is on its way, to send after it; the field keeps it until
            :meth:`set_text` is called.
        stopRequested: Stop was pressed, or Esc while an answer is on its way.
        takeBackRequested: Up was pressed in the empty field while messages wait to be sent: the newest shall come back.
        editCancelled: The old message shall stay as it is.
        composed: The text, with what an input method shows, after each change that the person made, and whenever it has
            become empty. Not a text that was put here for them: a draft that comes back is nobody's typing.

    Attributes:
        attach: The button for a document; whoever opens documents connects it.
    """

    submitted = Signal(str)
    stopRequested = Signal()
    takeBackRequested = Signal()
    editCancelled = Signal()
    composed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._about = ""  # what the conversation is about
        self._host = ""  # of the server that answers in it
        self._replacing = False
        self._last = ""
        self._has_waiting = False
        self._recall: Callable[[], Sequence[str]] = tuple
        self._recalled: list[str] = []  # what Up leads through, newest first, the draft before them
        self._place = 0
        self._edit = ComposerEdit(self)
        self._edit.setAccessibleName(self.tr("Message"))
        self._edit.setToolTip(self.tr("Enter sends, Shift+Enter breaks the line, Esc stops the answer"))
        self._button = SendButton(self)
        self._later = QPushButton(self.tr("Send next"), self)
        self._later.setAutoDefault(False)
        self._later.setToolTip(self.tr("Send it when this answer has ended (Enter)"))
        self._later.clicked.connect(self._on_later)
        self.attach = GlyphButton(Glyph.PAGE, self.tr("Ask about a document (Ctrl+O)"), self)
        self._note = QLabel(self)
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._note.setWordWrap(True)
        self._note.setIndent(round(unit(self) * 0.75))
        self.meter = ContextMeter(self)
        self._cancel = GlyphButton(Glyph.CLOSE, self.tr("Leave the message as it was (Esc)"), self)
        gap = spacing(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(gap.half, gap.half, gap.half, gap.half)
        grid.setSpacing(gap.half)
        grid.addWidget(self._note, 0, 0, 1, 3)
        grid.addWidget(self._cancel, 0, 3, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._edit, 1, 0)
        grid.addWidget(self.attach, 1, 1, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._later, 1, 2, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._button, 1, 3, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self.meter, 2, 0, 1, 4)
        grid.setColumnStretch(0, 1)
        self._edit.submitted.connect(self.submit)
        self._edit.escaped.connect(self._on_escape)
        self._edit.upInEmpty.connect(self._on_up)
        self._edit.olderWanted.connect(lambda: self._recall_at(self._place + 1))
        self._edit.newerWanted.connect(lambda: self._recall_at(self._place - 1))
        self._edit.focusChanged.connect(self.update)
        self._edit.textChanged.connect(self._on_text)
        self._edit.previewed.connect(self._tell)
        self._button.clicked.connect(self._on_button)
        self._cancel.clicked.connect(self.editCancelled)
        self.setFocusProxy(self._edit)
        self.set_editing(None)
        self._show_button()
        self._fit_font()
        self._apostrophes = NarrowApostrophes(self._edit.document(), self.font()) if is_wide(self.font()) else None

    @property
    def edit(self) -> ComposerEdit:
        """The text field."""
        return self._edit

    @property
    def button(self) -> QPushButton:
        """Send, or Stop while an answer is on its way."""
        return self._button

    @property
    def later(self) -> QPushButton:
        """Lets the message wait for the answer that is on its way."""
        return self._later

    @property
    def is_editing(self) -> bool:
        return not self._note.isHidden()

    def text(self) -> str:
        return self._edit.text()

    def set_text(self, text: str) -> None:
        """Replaces the text and puts the caret behind it."""
        self._edit.is_recalled = False
        self._replacing = True
        self._edit.set_text(text)
        self._replacing = False
        self._edit.moveCursor(QTextCursor.MoveOperation.End)

    def submit(self) -> None:
        """Does what Enter does: hands the text over, unless it is blank, or an edit and an answer is on its way."""
        text = self.text()
        if text.strip() and not (self._busy and self.is_editing):
            self.submitted.emit(text)

    def describe_context(self, words: str) -> None:
        """Tells a screen reader in the field what the meter says."""
        if words != self._edit.accessibleDescription():
            self._edit.setAccessibleDescription(words)

    def set_subject(self, name: str) -> None:
        """Says in the empty field what questions are about; empty: about anything."""
        self._about = name
        self._show_button()

    def set_place(self, place: str) -> None:
        """Says that what is written here goes to a server; empty: it stays on this computer."""
        if place == self._host:
            return
        self._host = place
        message = self.tr("Message to {host}").format(host=place) if place else self.tr("Message")
        self._edit.setAccessibleName(message)
        self._button.set_leading_away(bool(place))
        self._show_button()
        self.update()

    def recall_from(self, messages: Callable[[], Sequence[str]]) -> None:
        """Lets Up in the empty field lead through messages sent before, as in a shell; Down leads back.

        Args:
            messages: Returns them, the newest first.
        """
        self._recall = messages

    def set_waiting(self, waiting: bool) -> None:
        """Says whether messages wait to be sent: Up then takes the newest back."""
        self._has_waiting = waiting

    def set_busy(self, busy: bool) -> None:
        """Turns Send into Stop while an answer is on its way."""
        self._busy = busy
        self._show_button()

    def set_editing(self, followed: int | None) -> None:
        """Says that an earlier message is being edited, and what becomes of what followed it.

        Args:
            followed: How many messages did; None: nothing is being edited.
        """
        if followed == 0:
            self._note.setText(self.tr("Editing an earlier message. The old one stays under ‹ ›."))
        elif followed == 1:
            self._note.setText(self.tr("Editing an earlier message. Its answer is set aside under ‹ ›, not lost."))
        elif followed is not None:
            words = self.tr("Editing an earlier message. The {count} that followed are set aside under ‹ ›.")
            self._note.setText(words.format(count=f"{followed:,}"))
        self._note.setVisible(followed is not None)
        self._cancel.setVisible(followed is not None)
        self._show_button()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_button"):
            self._show_button()
            self._fit_font()

    def _fit_font(self) -> None:
        self._edit.setFont(message_font(self.font()))
        self._edit.document().setDocumentMargin(unit(self) * 0.75)
        self._edit.invite(self._invitation())
        self._edit.set_least_height(self._button.sizeHint().expandedTo(self._button.minimumSize()).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        palette = self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(elsewhere(palette), 2.0) if self._host else QPen(tinted(palette, 0.28), 1.0))
        painter.setBrush(palette.base())
        box, radius = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), unit(self) * 0.75
        painter.drawRoundedRect(box, radius, radius)
        if self._edit.hasFocus():
            draw_focus(painter, self.rect(), palette, radius, elsewhere(palette) if self._host else None)

    def _on_button(self) -> None:
        self._keep_keyboard()
        if self._busy:
            self.stopRequested.emit()
        else:
            self.submit()

    def _on_later(self) -> None:
        self._keep_keyboard()
        self.submit()

    def _keep_keyboard(self) -> None:
        """Takes it from a button that is about to be switched off, and would hand it to whatever comes behind it."""
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_escape(self) -> None:
        if self.is_editing:
            self.editCancelled.emit()
        elif self._busy:
            self.stopRequested.emit()

    def _on_up(self) -> None:
        if self._has_waiting:
            self.takeBackRequested.emit()
        elif not self.is_editing:
            self._recalled = [self.text(), *self._recall()]
            self._recall_at(1)

    def _recall_at(self, place: int) -> None:
        if 0 <= place < len(self._recalled):
            self._place = place
            self.set_text(self._recalled[place])
            self._edit.is_recalled = place > 0

    def _on_text(self) -> None:
        self._edit.is_recalled = False  # what is changed is a message of its own
        self._show_button()
        self._tell()

    def _tell(self) -> None:
        written = self._edit.written
        if written == self._last:  # the field also says so of another font
            return
        self._last = written
        if not self._replacing or not written:
            self.composed.emit(written)

    def _invitation(self) -> tuple[str, ...]:
        if not self._busy:
            usual = self.tr("Ask something")
            if self._host:
                whole = self.tr("Ask {host}: what you write leaves this computer").format(host=self._host)
                return whole, self.tr("Ask {host}").format(host=self._host), usual
            return (self.tr("Ask about {name}").format(name=self._about), usual) if self._about else (usual,)
        whole = self.tr("Ask the next question: it is sent when this answer has ended")
        return whole, self.tr("Ask the next question")

    def _show_button(self) -> None:
        has_text = bool(self.text().strip())
        self._button.setText(self.tr("Stop") if self._busy else self.tr("Send"))
        send = self.tr("Send to {host} (Enter)").format(host=self._host) if self._host else self.tr("Send (Enter)")
        self._button.setToolTip(plain_tip(self.tr("Stop the answer (Esc)") if self._busy else send))
        self._button.setAccessibleName(self._button.text())
        self._button.setEnabled(self._busy or has_text)
        least = QSize(unit(self) * 8, unit(self) * 4)
        for button in (self._button, self._later):
            button.setMinimumSize(least)
        self.attach.setMinimumHeight(least.height())
        self._later.setVisible(self._busy and has_text and not self.is_editing)
        self._edit.invite(self._invitation())
        self._button.set_accented(has_text and not self._busy)

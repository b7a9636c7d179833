"""Files that are dropped anywhere on a window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui.documents.incoming import Incoming, look_at
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import accented


class _Target(QWidget):
    """Lies over the window while something is held over it, and says what will become of it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = ""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        palette, step = self.palette(), unit(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = palette.color(QPalette.ColorRole.Window)
        veil.setAlphaF(0.82)
        painter.fillRect(self.rect(), veil)
        words = self.fontMetrics().boundingRect(
            self.rect().adjusted(0, 0, -8 * step, 0),
            Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter,
            self.words,
        )
        box = QRect(0, 0, words.width() + 6 * step, words.height() + 5 * step).intersected(
            self.rect().adjusted(step, step, -step, -step)
        )
        box.moveCenter(self.rect().center())
        painter.setBrush(accented(palette, 0.12))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2.0, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, step, step)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(box, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter, self.words)


class FileDrops(QObject):
    """Takes what is dropped on a window and is more than a text; a text goes where it is dropped.

    Signals:
        dropped: (Incoming)
    """

    dropped = Signal(object)

    def __init__(self, window: QWidget) -> None:
        """
        Args:
            window: Its owner.
        """
        super().__init__(window)
        self._window = window
        self._target = _Target(window)
        self._held = Incoming()  # what is held over the window
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes part in what is dragged over the window."""
        if isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            return self._drop(event)
        if isinstance(event, QDragEnterEvent | QDragMoveEvent) and event.type() in (
            QEvent.Type.DragEnter,
            QEvent.Type.DragMove,
        ):
            self._held = look_at(event.mimeData())
            if not self._held.is_taken:
                event.ignore()
                return True
            self._show()
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            return True
        if event.type() is QEvent.Type.DragLeave:
            self._target.hide()
            return True
        return super().eventFilter(watched, event)

    def _drop(self, event: QDropEvent) -> bool:
        self._target.hide()
        now, held = look_at(event.mimeData()), self._held
        incoming = now if now.is_taken else held  # the program that it came from may have ended already
        self._held = Incoming()
        if incoming.is_taken:
            event.setDropAction(Qt.DropAction.CopyAction)  # the file stays where it is
            event.accept()
            self.dropped.emit(incoming)
        return incoming.is_taken

    def _show(self) -> None:
        if self._target.isHidden():
            self._target.words = self.tr("Drop it here to ask about it")
            self._target.setGeometry(self._window.rect())
            self._target.raise_()
            self._target.show()

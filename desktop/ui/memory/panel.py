"""The memory panel: the curve, what Catnap consists of, and what the last naps gave back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.engine.footprint import Footprint
from desktop.lifecycle.memory_history import MemoryHistory, Rest
from desktop.machine.memory import MemoryReading
from desktop.ui.memory.curve import MemoryCurve, engine_colour, file_colour, program_colour
from desktop.ui.memory.words import nap_words
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import sentences

_EVERY_MS = 1000


class _Swatch(QWidget):
    """A small square in the colour of a part."""

    def __init__(self, colour: Callable[[QPalette], QColor] | None) -> None:
        super().__init__()
        self._colour = colour

    def sizeHint(self) -> QSize:
        return QSize(unit(self) + unit(self) // 2, unit(self) + unit(self) // 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()  # long words in large letters leave it its room

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._colour is not None:
            edge = self.sizeHint().width()
            QPainter(self).fillRect(0, (self.height() - edge) // 2, edge, edge, self._colour(self.palette()))


class MemoryPanel(QFrame):
    """Measures once a second while it is seen.

    Signals:
        sleepRequested: The model shall give its memory back now.
    """

    sleepRequested = Signal()

    def __init__(
        self,
        history: MemoryHistory,
        predicted: Callable[[], Footprint | None],
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            history: Measures, and remembers.
            predicted: Returns what the model in use takes by the settings in force; None: not known.
            parent: Owner, whose window it belongs to.
        """
        super().__init__(parent, Qt.WindowType.Popup)
        self._history = history
        self._predicted = predicted
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAccessibleName(self.tr("Memory"))
        self.setWindowTitle(self.tr("Memory"))
        self._curve = MemoryCurve(self)
        self._parts = QGridLayout()
        self._names: list[QLabel] = []
        self._amounts = [
            self._add_part(program_colour, self.tr("Windows and conversations")),
            self._add_part(engine_colour, self.tr("Engine: vocabulary, context, intermediate results")),
            self._add_part(file_colour, self.tr("Model file, which the system takes back when it needs room")),
        ]
        self._of_engine = MutedLabel()
        self._naps = MutedLabel()
        for label in (self._of_engine, self._naps):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._sleep = QPushButton(self.tr("&Sleep now"))
        self._sleep.clicked.connect(self.sleepRequested)
        self._lay_out()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.refresh)

    def open_above(self, corner: QPoint) -> None:
        """Opens with its lower right corner at a point, inside the screen.

        Args:
            corner: In global coordinates.
        """
        self.refresh()
        area = self.screen().availableGeometry()
        size = self.fitting(area.size())
        left = max(area.left(), min(corner.x() - size.width(), area.right() + 1 - size.width()))
        top = max(area.top(), min(corner.y() - size.height(), area.bottom() + 1 - size.height()))
        self.resize(size)
        self.move(left, top)
        self.show()
        (self._sleep if self._sleep.isEnabled() else self).setFocus(Qt.FocusReason.PopupFocusReason)

    def fitting(self, room: QSize) -> QSize:
        """Returns how large it is with all that it says, its curve lower where the screen has no more room."""
        self._curve.lower_by(0)
        self.adjustSize()
        self._curve.lower_by(self.height() - room.height())
        self.adjustSize()
        return self.size().boundedTo(room)

    def refresh(self) -> None:
        """Measures, and shows it."""
        reading = self._history.measure()
        samples = self._history.samples()
        self._curve.show_samples(samples, self._history.clock())
        for label, amount in zip(self._amounts, (reading.app, reading.engine, reading.mapped), strict=True):
            label.setText(format_bytes(amount) if amount else "0 MB")  # in the units of the others, in any language
        rest = samples[-1].rest
        words = self._engine_words(reading, rest)
        self._of_engine.setText(words)
        self._of_engine.setVisible(bool(words))
        self._sleep.setEnabled(rest is not Rest.ASLEEP)
        naps = [nap_words(nap) for nap in self._history.naps()]
        self._naps.setText("\n".join(naps) if naps else self.tr("No nap yet since Catnap started."))
        self._describe(words)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.close()
        else:
            super().keyPressEvent(event)

    def _describe(self, of_engine: str) -> None:
        """Has all of it said with what has the keyboard: a popup is in no window that a screen reader goes through."""
        parts = (f"{name.text()}: {label.text()}." for name, label in zip(self._names, self._amounts, strict=True))
        words = sentences(self._curve.accessibleName(), *parts, of_engine, self._naps.text().replace("\n", ". "))
        for part in (self, self._sleep):
            part.setAccessibleDescription(words)

    def _engine_words(self, reading: MemoryReading, rest: Rest) -> str:
        if not reading.engine_rss:
            return self.tr("The model is not in memory, and the engine's process does not run.")
        footprint = self._predicted()
        if footprint is None or rest is not Rest.AWAKE:
            return ""
        return self.tr(
            "Of the engine's, up to {context} for the conversation (context) and up to {compute} for intermediate "
            "results."
        ).format(context=format_bytes(footprint.kv_bytes), compute=format_bytes(footprint.compute_bytes))

    def _add_part(self, colour: Callable[[QPalette], QColor], words: str) -> QLabel:
        row = self._parts.rowCount()
        name, amount = QLabel(words), QLabel()
        name.setBuddy(amount)
        self._names.append(name)
        amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._parts.addWidget(_Swatch(colour), row, 0)
        self._parts.addWidget(name, row, 1)
        self._parts.addWidget(amount, row, 2)
        return amount

    def _lay_out(self) -> None:
        gap = spacing(self)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(gap.double, gap.unit + gap.half, gap.double, gap.unit + gap.half)
        rows.setSpacing(gap.unit)
        head = QLabel(self.tr("Memory in the last ten minutes"))
        font = head.font()
        font.setBold(True)
        head.setFont(font)
        rows.addWidget(head)
        rows.addWidget(self._curve)
        self._parts.setColumnStretch(1, 1)
        self._parts.setHorizontalSpacing(gap.unit)
        self._parts.setVerticalSpacing(gap.half)
        add_layout(rows, self._parts)
        rows.addWidget(self._of_engine)
        last = QLabel(self.tr("The last naps"))
        last.setFont(font)
        rows.addWidget(last)
        rows.addWidget(self._naps)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._sleep)
        add_layout(rows, foot)

"""The status bar: the cat and what it does on the left, memory and model on the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.machine.memory import MemoryReading
from desktop.ui.activity import Activity, ActivityKind, activity_tip, activity_words
from desktop.ui.theme.icons import available_cat_picture
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.theme.palette import is_dark
from desktop.ui.widgets.fitting_button import FittingButton, FittingRoom
from desktop.ui.widgets.glyphs import Glyph, GlyphSign
from desktop.ui.widgets.labels import ElidedLabel
from desktop.ui.words import plain_tip, short_name

_EVERY_MS = 1000
_PROGRESS_STEPS = 1000


# Characters of a model's name that are shown.
_NAME = 32


def _on_button(name: str) -> str:
    return short_name(name, _NAME).replace("&", "&&")  # else it would underline the letter behind it


class StatusBar(QWidget):
    """Shows state and memory; measures only while it is watched.

    Signals:
        modelsRequested: The name of the model was clicked.
        memoryRequested: (upper right corner, global) The memory was clicked.
    """

    modelsRequested = Signal()
    memoryRequested = Signal(QPoint)

    def __init__(self, read_memory: Callable[[], MemoryReading], parent: QWidget | None = None) -> None:
        """
        Args:
            read_memory: Measures now; called on the GUI thread once a second while the window can be seen.
            parent: Owner.
        """
        super().__init__(parent)
        self._read_memory = read_memory
        self._activity = Activity(ActivityKind.ASLEEP)
        self._cat = QLabel()
        self._words = ElidedLabel(fills=False)
        self._progress = QProgressBar()
        self._progress.setRange(0, _PROGRESS_STEPS)
        self._progress.setTextVisible(False)
        self._memory = FittingButton()
        self._memory_room = FittingRoom(self._memory)
        self._memory.clicked.connect(self.request_memory)
        self._battery = GlyphSign(Glyph.BATTERY)
        self._battery.hide()
        self._model = QToolButton()
        self._model.setAutoRaise(True)
        self._model.clicked.connect(self.modelsRequested)
        gap = spacing(self)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(gap.unit + gap.half, gap.half // 2, gap.unit, gap.half // 2)
        row.setSpacing(gap.unit)
        for part in (self._cat, self._words, self._progress):
            row.addWidget(part)
        row.addWidget(self._memory_room, stretch=1)
        row.addWidget(self._battery)
        row.addWidget(self._model)
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._measure)
        self._fit()
        self.set_activity(self._activity)

    @property
    def is_watching(self) -> bool:
        return self._timer.isActive()

    def set_watched(self, watched: bool) -> None:
        """Starts or stops measuring: only what can be seen is measured."""
        if watched == self._timer.isActive():
            return
        if watched:
            self._measure()
            self._timer.start()
        else:
            self._timer.stop()

    def set_activity(self, activity: Activity, *, is_answer: bool = False) -> None:
        """Shows a state at once.

        Args:
            activity: The state.
            is_answer: It belongs to an answer.
        """
        changed = activity.kind is not self._activity.kind or self._cat.pixmap().isNull()
        self._activity = activity
        words = activity_words(activity, is_answer=is_answer)
        self._words.say(words)
        self._row.activate()  # else it would be cut to the room of the words before, until the next turn of the loop
        self._cat.setAccessibleName(self.tr("State: {state}").format(state=words))
        waits = activity.kind in (ActivityKind.WAKING, ActivityKind.READING)
        self._progress.setVisible(waits)
        self._show_progress(activity.progress)
        self._progress.setAccessibleName(words)
        tip = activity_tip(activity)
        for part in (self._cat, self._words, self._progress):
            part.setToolTip(tip)
        if changed:
            self._draw_cat()

    def set_memory(self, reading: MemoryReading) -> None:
        """Shows a measurement."""
        if reading.engine:
            words = self.tr(
                "Catnap: {rss} resident, {anonymous} of it anonymous, which the system cannot take back:\n"
                "{app} for windows and conversations, {engine} in the engine's process;\n"
                "the rest is the mapped model file, which it can.\nComputer: {available} of {total} available."
            )
        else:
            words = self.tr(
                "Catnap: {rss} resident, {anonymous} of it anonymous, which the system cannot take back.\n"
                "The engine's process is not running.\nComputer: {available} of {total} available."
            )
        self._memory.setToolTip(
            words.format(
                rss=format_bytes(reading.rss),
                anonymous=format_bytes(reading.anonymous),
                app=format_bytes(reading.anonymous - reading.engine),
                engine=format_bytes(reading.engine),
                available=format_bytes(reading.machine_available),
                total=format_bytes(reading.machine_total),
            )
        )
        self._memory_room.say(self._memory_forms(reading))

    def set_battery(self, visible: bool, tooltip: str) -> None:
        """Shows or hides the sign that the computer runs on its battery.

        Args:
            visible: Whether it is there.
            tooltip: What follows from it, translated; also read by screen readers.
        """
        self._battery.say(tooltip)
        self._battery.setVisible(visible)

    def set_model(self, name: str, installed: bool) -> None:
        """Shows the model that answers; an empty name: none is chosen."""
        if not name:
            self._model.setText(self.tr("Choose a model"))
        elif installed:
            self._model.setText(_on_button(name))
        else:
            self._model.setText(self.tr("{model} (not downloaded)").format(model=_on_button(name)))
        hint = self.tr("Models (Ctrl+M)")
        self._model.setToolTip(plain_tip(f"{name}\n{hint}") if name != short_name(name, _NAME) else hint)
        self._model.setAccessibleName(self.tr("Model: {model}").format(model=name or self._model.text()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_timer"):
            self._fit()
            self._draw_cat()

    def event(self, event: QEvent) -> bool:
        """Draws the cat anew on a screen of another scale."""
        if event.type() is QEvent.Type.DevicePixelRatioChange and hasattr(self, "_timer"):
            self._draw_cat()
        return super().event(event)

    def _show_progress(self, progress: float | None) -> None:
        steps, value = _PROGRESS_STEPS if progress is not None else 0, round((progress or 0.0) * _PROGRESS_STEPS)
        if (self._progress.maximum(), self._progress.value()) != (steps, value):
            # A progress bar paints itself at once, and all of the window that waits to be painted with it.
            self._progress.setUpdatesEnabled(False)
            self._progress.setRange(0, steps)
            self._progress.setValue(value)
            self._progress.setUpdatesEnabled(True)

    def request_memory(self) -> None:
        """Asks for the memory panel, as a click does."""
        self.memoryRequested.emit(self._memory.mapToGlobal(self._memory.rect().topRight()))

    def _measure(self) -> None:
        self.set_memory(self._read_memory())

    def _memory_forms(self, reading: MemoryReading) -> tuple[str, ...]:
        rss, own = format_bytes(reading.rss), format_bytes(reading.anonymous)
        free, total = format_bytes(reading.machine_available), format_bytes(reading.machine_total)
        return (
            self.tr("Catnap {rss} ({own} its own) · computer {free} of {total} free").format(
                rss=rss, own=own, free=free, total=total
            ),
            self.tr("Catnap {rss} · computer {free} free").format(rss=rss, free=free),
            self.tr("Catnap {rss}").format(rss=rss),
        )

    def _draw_cat(self) -> None:
        dark, ratio = is_dark(self.palette()), self.devicePixelRatioF()
        picture = available_cat_picture(self._activity.cat, dark, self._cat_edge(), ratio)
        if picture is not None:
            self._cat.setPixmap(picture)

    def _cat_edge(self) -> int:
        return round(unit(self) * 2.5)

    def _fit(self) -> None:
        self._progress.setFixedSize(unit(self) * 12, max(4, unit(self) // 2 + 2))
        self._cat.setFixedSize(self._cat_edge(), self._cat_edge())

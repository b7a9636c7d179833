"""A bar for what a person should know or may do: never modal, one at a time, the others wait.

What is under way comes first, then what goes by itself, since it says what came of the last click and would be late
behind anything else; then the rest, the oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import cast

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import accented, mix, warning
from desktop.ui.widgets.accessible import announce
from desktop.ui.widgets.banner_words import BannerWords
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.layouts.banner_layout import BannerLayout
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.menus import add_action
from desktop.ui.words import sentences

_BUTTONS_MAX = 2
# Width of the words, some 40 letters, below which buttons do not stay beside them.
_COMFORTABLE_IN_UNITS = 30


class Severity(Enum):
    """How a notice looks."""

    INFO = "info"
    PROBLEM = "problem"


@dataclass(frozen=True)
class NoticeAction:
    """A button of a notice.

    Attributes:
        text: The word on it, translated.
        run: Called when it is pressed, after the notice has gone.
    """

    text: str
    run: Callable[[], None]


@dataclass(frozen=True)
class Notice:
    """What a banner says; every text is translated already.

    Attributes:
        title: What happened.
        detail: The variable part.
        remedy: What to do about it.
        actions: The first two are buttons; of more than two only the first is, the others are in a menu beside it.
        severity: How it looks.
        key: A newer notice with the same key takes the place of an older one; empty: title and detail are the key.
        seconds: Goes by itself after this time in view; 0: stays until it is closed.
        closable: Can be put away; otherwise it stays as long as it is true.
    """

    title: str
    detail: str = ""
    remedy: str = ""
    actions: tuple[NoticeAction, ...] = ()
    severity: Severity = Severity.INFO
    key: str = ""
    seconds: float = 0.0
    closable: bool = True

    @property
    def identity(self) -> str:
        return self.key or f"{self.title}\n{self.detail}"


class Banner(QFrame):
    """Shows one of the notices that are there; hidden while there is none.

    Signals:
        focusLeft: The button that had the keyboard has gone with its notice: it is to be given to something useful.
    """

    accessible_role = QAccessible.Role.AlertMessage
    focusLeft = Signal()

    def __init__(self, parent: QWidget | None = None, *, inset: bool = True) -> None:
        """
        Args:
            inset: It keeps a distance to the edges of what it lies in, as in a window; otherwise it is as wide as that.
            parent: Owner.
        """
        super().__init__(parent)
        self._inset = inset
        self._queue: list[Notice] = []
        self._timed: Notice | None = None  # whose time runs
        self._said = ""  # the notice that was announced
        self._offered: tuple[str, ...] = ()  # the notice that the buttons are of, and what they say
        self._words = BannerWords()
        self._more = QLabel()
        self._close = GlyphButton(Glyph.CLOSE, self.tr("Close"), self)
        self._close.clicked.connect(self.close_current)
        self._buttons = WrappingRow()
        self._ways: list[QPushButton] = []
        gap = spacing(self)
        layout = BannerLayout(
            self._words,
            holding(self._buttons, gap=gap.unit),
            holding(QHBoxLayout(), self._more, self._close, gap=gap.unit),
            self._comfortable,
        )
        # The distance to what is around it is its own, so that nothing is kept free while it is hidden.
        side = gap.unit if inset else 0
        layout.setContentsMargins(side + gap.unit + gap.half, gap.unit, side + gap.unit, gap.unit + side // 2)
        layout.setSpacing(gap.unit)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.close_current)
        self.hide()

    @property
    def current(self) -> Notice | None:
        return self._queue[0] if self._queue else None

    @property
    def waiting(self) -> int:
        """How many notices wait behind the one in view."""
        return max(0, len(self._queue) - 1)

    def show_first(self, notice: Notice) -> None:
        """Shows at once what answers something that was just done; the others wait behind it."""
        self._queue = [notice, *(other for other in self._queue if other.identity != notice.identity)]
        self._refresh()

    def show_notice(self, notice: Notice) -> None:
        """Shows a notice, or lets it wait; one that says the same as another takes its place.

        What is under way does not wait: it would be over before it was seen, and its button stops it. Nor does what
        goes by itself.
        """
        same = next((place for place, other in enumerate(self._queue) if other.identity == notice.identity), None)
        if same is not None and not notice.seconds:
            self._queue[same] = notice
        else:
            if same is not None:
                del self._queue[same]
            under_way = sum(not other.closable for other in self._queue)
            first = under_way if notice.closable else 0
            self._queue.insert(first if notice.seconds or not notice.closable else len(self._queue), notice)
        self._refresh()

    def holds(self, key: str) -> bool:
        """Tells whether a notice is in view, or waits."""
        return any(notice.identity == key for notice in self._queue)

    def paint_now(self) -> None:
        """Puts in view what is to be said, without waiting for the event loop."""
        parent = self.parentWidget()
        if parent is not None and (layout := parent.layout()) is not None:
            layout.activate()  # it has no size before that
        self.repaint()

    def withdraw(self, key: str) -> None:
        """Takes away what is no longer true; unknown keys are ignored."""
        self._queue = [notice for notice in self._queue if notice.identity != key]
        self._refresh()

    def close_current(self) -> None:
        """Closes the notice in view; the next one follows."""
        if self._queue:
            del self._queue[0]
        self._refresh()

    def focus_first_button(self) -> None:
        """Gives the keyboard to the first thing that can be done about the notice in view."""
        if self._ways:
            self._ways[0].show()  # its layout does so later only
            self._ways[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_current()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a banner is small: it is painted whole
        palette, gap = self.palette(), spacing(self)
        notice = self.current
        is_problem = notice is not None and notice.severity is Severity.PROBLEM
        page = mix(palette.base().color(), warning(palette), 0.14) if is_problem else accented(palette, 0.14)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(page)
        side = gap.unit if self._inset else 0
        box = QRectF(self.rect()).adjusted(side, 0, -side, -(side // 2))
        painter.drawRoundedRect(box, gap.half, gap.half)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _refresh(self) -> None:
        notice = self.current
        if notice is not self._timed:  # its time is not begun anew by what becomes of others
            self._timed = notice
            self._timer.stop()
            if notice is not None and notice.seconds > 0:
                self._timer.start(round(notice.seconds * 1000))
        had_focus = self._has_keyboard()
        offered = (notice.identity, *(action.text for action in notice.actions)) if notice is not None else ()
        changes = offered != self._offered
        self._offered = offered
        # One that stays is kept: a press that was begun on it would lead nowhere, and the keyboard be lost.
        while changes and self._ways:
            button = self._ways.pop()
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.setVisible(notice is not None)
        if had_focus and (notice is None or not self._has_keyboard()):
            self.focusLeft.emit()
        if notice is None:
            self._said = ""
            return
        text = sentences(notice.detail, notice.remedy)
        self._words.say(notice.title, text)
        self.setAccessibleName(f"{notice.title} {text}".strip())
        if notice.identity != self._said:  # of what is under way not each step
            announce(self, self.accessibleName(), urgent=notice.severity is Severity.PROBLEM)
        self._said = notice.identity
        self._close.setVisible(notice.closable)
        self._more.setText(f"+{self.waiting}")
        self._more.setToolTip(self.tr("More notices wait behind this one."))
        self._more.setVisible(self.waiting > 0)
        if changes:
            self._make_buttons(notice.actions)
        self.update()

    def _comfortable(self) -> int:
        """Returns how wide the words are to be at the least where the buttons stay beside them."""
        return min(self._words.one_line(), _COMFORTABLE_IN_UNITS * spacing(self).unit)

    def _make_buttons(self, actions: Sequence[NoticeAction]) -> None:
        as_buttons = len(actions) if len(actions) <= _BUTTONS_MAX else 1
        self._ways = [self._button(actions[place].text, place) for place in range(as_buttons)]
        if as_buttons < len(actions):
            self._ways.append(self._menu_button(actions, as_buttons))
        for button in self._ways:
            self._buttons.addWidget(button)

    def _has_keyboard(self) -> bool:
        # Qt's declaration says that there always is one.
        focus = cast("QWidget | None", self.window().focusWidget())
        return focus is not None and self.isAncestorOf(focus)

    def _button(self, text: str, place: int) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(True)
        button.clicked.connect(self._runner(place))
        return button

    def _menu_button(self, actions: Sequence[NoticeAction], first: int) -> QPushButton:
        """Returns a button for what a small window has no room for in a row."""
        button = QPushButton(self.tr("Other ways"), self)
        button.setAutoDefault(True)
        menu = QMenu(button)
        for place in range(first, len(actions)):
            add_action(menu, actions[place].text, self._runner(place))
        button.setMenu(menu)
        return button

    def _runner(self, place: int) -> Callable[[], None]:
        def run() -> None:
            notice = self.current
            if notice is not None:
                self.close_current()
                notice.actions[place].run()

        return run

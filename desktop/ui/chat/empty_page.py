"""What a new conversation shows: the cat, a sentence, and the questions that its persona begins with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.personas.persona import is_begun
from desktop.ui.theme.icons import CatState, available_cat_picture
from desktop.ui.theme.metrics import message_font, spacing, unit
from desktop.ui.theme.palette import is_dark
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.words import percent_words, plain_tip

# In units of 8 px; a longer question is cut, and whole in the tooltip.
_WIDEST_STARTER = 56


class EmptyPage(QWidget):
    """Signals:
    starterChosen: The question that was clicked; it shall be asked.
    starterBegun: The beginning of a question that was clicked; it shall be written on.
    modelsRequested: There is no model, and one shall be chosen.
    """

    starterChosen = Signal(str)
    starterBegun = Signal(str)
    modelsRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._cat = QLabel()
        self._cat.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._state = CatState.ASLEEP
        self._has_model = True
        self._place = ""  # of the server that answers; empty: this computer does
        self._arrived: float | None = None  # share of a model that is on its way; None: none is
        self._is_drawn = False
        self._sentence = QLabel()
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setWordWrap(True)
        self._sentence.setFont(message_font(self.font()))
        self._sentence.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        gap = spacing(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap.triple, gap.unit, gap.triple, gap.unit)
        column.setSpacing(gap.unit)
        column.addStretch(2)
        column.addWidget(self._cat)
        column.addWidget(self._sentence)
        self._choose = self._button(self.tr("Choose a model"))
        self._choose.clicked.connect(self.modelsRequested)
        column.addWidget(self._choose, alignment=Qt.AlignmentFlag.AlignHCenter)
        self._choose.hide()
        column.addWidget(Gap(gap.unit))
        self._starters: tuple[str, ...] = ()
        self._buttons: list[QPushButton] = []
        self._in_one_width = QVBoxLayout()
        column.addWidget(holding(self._in_one_width, gap=gap.unit), alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.set_cat(CatState.ASLEEP)

    @property
    def first(self) -> QWidget:
        """Where the Tab key comes to it, and whatever else it offers behind that."""
        return self._choose

    @property
    def starters(self) -> tuple[str, ...]:
        """The questions that are offered."""
        return self._starters

    def set_starters(self, starters: Sequence[str]) -> None:
        """Offers other questions."""
        if tuple(starters) != self._starters:
            self._starters = tuple(starters)
            self._make_buttons()

    def _make_buttons(self) -> None:
        for button in self._buttons:
            self._in_one_width.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._starter(starter) for starter in self._starters]
        for button in self._buttons:
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            self._in_one_width.addWidget(button)
            button.show()
        for one, other in pairwise((self._choose, *self._buttons)):
            QWidget.setTabOrder(one, other)  # else they would come behind all that was made before
        self._leave_out()

    def set_cat(self, state: CatState) -> None:
        """Shows the cat as it is elsewhere: nobody believes a sleeping one beside the word "Awake"."""
        self._state = state
        self._say()
        self._draw()

    def set_has_model(self, there: bool) -> None:
        """Says that there is no model to answer, or what the one that is there does."""
        if there is not self._has_model:
            self._has_model = there
            self._turn()

    def set_place(self, place: str) -> None:
        """Says which server is asked; empty: the model of this computer."""
        if place != self._place:
            self._place = place
            self._turn()

    @property
    def _can_answer(self) -> bool:
        return self._has_model or bool(self._place)

    def _turn(self) -> None:
        self._choose.setVisible(not self._can_answer)
        self._say()
        self._leave_out()

    def set_arriving(self, share: float | None) -> None:
        """Says how much of a model has been downloaded, 0 to 1; None: none is on its way."""
        if share != self._arrived:
            self._arrived = share
            self._say()

    def _say(self) -> None:
        state = self._state
        if state is CatState.ASLEEP:
            self._cat.setAccessibleName(self.tr("A sleeping cat"))
            words = self.tr("The model sleeps until you ask something. Everything stays on this computer.")
        elif state is CatState.DOZING:
            self._cat.setAccessibleName(self.tr("A dozing cat"))
            words = self.tr("The model dozes and wakes at once when you ask. Everything stays on this computer.")
        elif state is CatState.WAKING:
            self._cat.setAccessibleName(self.tr("A cat that wakes up"))
            words = self.tr("The model is waking up. Everything stays on this computer.")
        else:
            self._cat.setAccessibleName(self.tr("A cat that is awake"))
            words = self.tr("The model is awake and answers at once. Everything stays on this computer.")
        if self._place:
            words = self.tr("What you ask goes to {host} and leaves this computer.").format(host=self._place)
        elif not self._has_model and self._arrived is not None:
            words = self.tr("The model is on its way: {percent}. You can ask as soon as it is here.")
            words = words.format(percent=percent_words(self._arrived))
        elif not self._has_model:
            words = self.tr("No model is here yet. It is downloaded once; then everything stays on this computer.")
        is_arriving = self._arrived is not None
        self._choose.setText(self.tr("Show the download") if is_arriving else self.tr("Choose a model"))
        self._sentence.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        """Hides what matters least where there is no room for all: without a model nobody can ask the examples."""
        gap = spacing(self)
        across = self.width() - 2 * gap.triple
        starters = tuple(reversed(self._buttons))
        order = (self._cat, self._sentence, *starters) if self._can_answer else (self._cat, *starters, self._sentence)
        heights = {part: _height(part, across) + gap.unit for part in order}
        room = self.height() - 4 * gap.unit - sum(heights.values())  # the edges, and the gap above the starters
        room -= 0 if self._can_answer else _height(self._choose, across) + gap.unit
        for part in order:
            part.setVisible(room >= 0)
            if room < 0:
                room += heights[part]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_drawn:
            self._draw()

    def event(self, event: QEvent) -> bool:
        """Draws the cat anew on a screen of another scale."""
        if event.type() is QEvent.Type.DevicePixelRatioChange and hasattr(self, "_sentence"):
            self._draw()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_sentence"):
            self._sentence.setFont(message_font(self.font()))
            self._draw()
            if event.type() is QEvent.Type.FontChange:
                self._make_buttons()
            self._leave_out()

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return button

    def _starter(self, question: str) -> QPushButton:
        most = unit(self) * _WIDEST_STARTER
        shown = self.fontMetrics().elidedText(question, Qt.TextElideMode.ElideRight, most)
        button = self._button(shown.replace("&", "&&"))
        begun = is_begun(question)
        tip = self.tr("Begin with this, and write the rest") if begun else self.tr("Ask this question")
        button.setToolTip(tip if shown == question else plain_tip(question))
        button.setMinimumSize(QSize(unit(self) * 42, round(unit(self) * 3.75)))
        chosen = self.starterBegun if begun else self.starterChosen
        button.clicked.connect(lambda: chosen.emit(question))
        return button

    def _draw(self) -> None:
        """Draws the cat; while a conversation is shown in the place of this page, later, if ever."""
        self._is_drawn = self.isVisible() or self._cat.pixmap().isNull()
        if not self._is_drawn:
            return
        picture = available_cat_picture(self._state, is_dark(self.palette()), unit(self) * 12, self.devicePixelRatioF())
        if picture is not None:
            self._cat.setPixmap(picture)


def _height(part: QWidget, across: int) -> int:
    """Returns how high a part of the page wants to be where it is that wide."""
    wanted = part.heightForWidth(across) if part.hasHeightForWidth() else part.sizeHint().height()
    return max(wanted, part.minimumHeight())

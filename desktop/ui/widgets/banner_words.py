"""The words of a banner: a title and a text, which can be scrolled where a window is too low for all of them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import narrow

# Lines of text that are in view in the lowest of windows.
_LEAST_LINES = 2


class BannerWords(QScrollArea):
    """As high as its words need in its width, if it is let; it has the keyboard only while there is more to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._text = _Words(), _Words()
        bold = self._title.font()
        bold.setBold(True)
        self._title.setFont(bold)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(spacing(self).half // 2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(page)
        page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # only its height for a width counts
        page.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._page = page
        self._fit()

    def say(self, title: str, text: str) -> None:
        """Shows a title and a text, from the beginning on; an empty one takes no room."""
        for label, words in ((self._title, title), (self._text, text)):
            label.setText(words)
            label.setVisible(bool(words))
        self.setAccessibleName(f"{title} {text}".strip())
        self.verticalScrollBar().setValue(0)
        self._fit()
        self.updateGeometry()

    def one_line(self) -> int:
        """Returns how wide the words are where none of them is wrapped, in pixels."""
        return max((label.one_line() for label in (self._title, self._text) if not label.isHidden()), default=0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._page.heightForWidth(width)

    def sizeHint(self) -> QSize:
        return self._page.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._page.minimumSizeHint().width(), _LEAST_LINES * self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Shows the scroll bar where it is needed: by itself it stays where only its own width makes it so."""
        is_cut = self.heightForWidth(self.width()) > self.height()
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if is_cut else policy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_cut else Qt.FocusPolicy.NoFocus)


class _Words(QLabel):
    """A text that wraps, and never widens its window by a word without an end, such as a path."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def one_line(self) -> int:
        metrics = self.fontMetrics()
        return max((metrics.horizontalAdvance(line) + 1 for line in self.text().split("\n")), default=0)

    def minimumSizeHint(self) -> QSize:
        return narrow(super().minimumSizeHint(), self)

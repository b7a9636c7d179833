"""Labels and buttons whose colours follow the palette."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from desktop.ui.theme.apostrophes import as_drawn
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import warning
from desktop.ui.widgets.accessible import announce
from desktop.ui.words import plain_tip

# Small print is this much smaller than the text around it; below that Chinese characters fill in at 100 %.
_SMALL = 0.92

# Width of a text that wraps, in theme units, that it may ask for at the least.
_LEAST_IN_UNITS = 24

_RECOLOUR = (QEvent.Type.ApplicationPaletteChange, QEvent.Type.ParentChange, QEvent.Type.PaletteChange)


def small_font(font: QFont) -> QFont:
    """Returns ``font`` in the size of small print."""
    small = QFont(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(font.pointSizeF() * _SMALL)
    else:
        small.setPixelSize(max(1, round(font.pixelSize() * _SMALL)))
    return small


def narrow(hint: QSize, label: QLabel) -> QSize:
    """Returns the least size of a text that wraps: a word without an end, such as a path, must not widen a window."""
    return QSize(min(hint.width(), _LEAST_IN_UNITS * unit(label)), hint.height())


class FieldLabel(QLabel):
    """The name of a field beside it, at the height of the words in it: QFormLayout would have it stand higher."""

    def __init__(self, text: str, field: QWidget) -> None:
        """
        Args:
            text: With the letter that leads to the field.
            field: For a single line.
        """
        super().__init__(text)
        self._field = field
        self.setBuddy(field)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, self._field.sizeHint().height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class MutedLabel(QLabel):
    """Small print that may wrap: help, figures."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setFont(small_font(self.font()))

    def minimumSizeHint(self) -> QSize:
        return narrow(super().minimumSizeHint(), self)


class WarningLabel(QLabel):
    """A sentence about something that went wrong; hidden while it has none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setForegroundRole(QPalette.ColorRole.WindowText)  # it would follow the background's role otherwise
        self.setVisible(False)
        self._colour()

    def say(self, text: str) -> None:
        """Shows ``text``, which a screen reader says; an empty one hides the label."""
        self.setText(text)
        self.setVisible(bool(text))
        if text and self.isVisible():
            announce(self, text, urgent=True)

    def minimumSizeHint(self) -> QSize:
        return narrow(super().minimumSizeHint(), self)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in _RECOLOUR:
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.WindowText, warning(palette))
        if self.palette() != palette:
            self.setPalette(palette)


class ElidedLabel(QLabel):
    """One line of plain text that is cut with an ellipsis where there is no room; the tooltip has all of it."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, fills: bool = True) -> None:
        """
        Args:
            text: See :meth:`say`.
            parent: Its window.
            fills: It takes the room that there is; else no more than its text.
        """
        super().__init__(parent)
        self._whole = ""
        self._shorter: tuple[str, ...] = ()
        self._fills = fills
        self.setTextFormat(Qt.TextFormat.PlainText)
        across = QSizePolicy.Policy.Ignored if fills else QSizePolicy.Policy.Maximum
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.say(text)

    def say(self, text: str, *shorter: str) -> None:
        """Shows ``text`` as far as it fits, or the first of what says about the same in fewer words."""
        self._whole, self._shorter = text, shorter
        self._elide()
        if not self._fills:
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._fills:
            return hint
        margins = self.contentsMargins()
        wide = self.fontMetrics().horizontalAdvance(self._whole) + margins.left() + margins.right() + 1
        return QSize(wide, hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _elide(self) -> None:
        whole = as_drawn(self._whole, self.font())
        forms = (whole, *(as_drawn(each, self.font()) for each in self._shorter))
        fitting = (each for each in forms if self.fontMetrics().horizontalAdvance(each) <= self.width())
        shown = next(fitting, None)
        if shown is None:
            shown = self.fontMetrics().elidedText(forms[-1], Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != whole else "")
        self.setAccessibleName(self._whole)


class AccentButton(QPushButton):
    """A button that can be the one to press."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._accented = False
        self.setAutoDefault(False)

    def set_accented(self, accented: bool) -> None:
        """Makes the button the obvious one, in the accent's colour."""
        if accented != self._accented:
            self._accented = accented
            font = self.font()
            font.setBold(accented)
            self.setFont(font)
            step = unit(self)
            self.setMinimumSize(QSize(18 * step, 4 * step) if accented else QSize(0, 0))
            self._colour()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in _RECOLOUR:
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        palette = QPalette()
        if self._accented:
            role = QPalette.ColorRole
            for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
                palette.setColor(group, role.Button, palette.color(group, role.Highlight))
                palette.setColor(group, role.ButtonText, palette.color(group, role.HighlightedText))
        if self.palette() != palette:
            self.setPalette(palette)

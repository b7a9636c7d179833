"""A thin line below the message field: how much of the model's context is in use, and what the message adds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.chat.context_use import ContextUse
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import muted, tinted, warning
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.words import plain_tip, sentences, token_words


class _Bar(QWidget):
    """The line itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._use: ContextUse | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_use(self, use: ContextUse | None) -> None:
        self._use = use
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(unit(self) * 10, max(3, unit(self) // 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        use = self._use
        if use is None or use.context <= 0:
            return
        palette, box = self.palette(), QRectF(self.rect())
        thick = max(2.0, unit(self) * 0.3)
        box = QRectF(box.left(), box.center().y() - thick / 2, box.width(), thick)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        message = warning(palette) if use.is_too_long else palette.color(QPalette.ColorRole.Accent)
        for colour, tokens in (
            (tinted(palette, 0.12), use.context),
            (message, use.used),
            (muted(palette), use.history),
        ):
            if tokens > 0:
                wide = max(thick, box.width() * min(1.0, tokens / use.context))
                painter.setBrush(colour)
                painter.drawRoundedRect(QRectF(box.left(), box.top(), wide, thick), thick / 2, thick / 2)


class ContextMeter(QWidget):
    """The line, its words as a tooltip and for screen readers, and below it what is worth reading before sending."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use: ContextUse | None = None
        self._bar = _Bar(self)
        self._line = MutedLabel(parent=self)
        column = QVBoxLayout(self)
        edge = round(unit(self) * 0.5)
        column.setContentsMargins(edge, 0, edge, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addWidget(self._bar)
        self.hide()

    @property
    def words(self) -> str:
        """All that it says; empty: nothing."""
        return self.accessibleName()

    def show_use(self, use: ContextUse | None) -> None:
        """Shows how the context is shared out; None: nothing."""
        if use == self._use:
            return
        self._use = use
        self._bar.set_use(use)
        self.setVisible(use is not None)
        warned = self._warning(use) if use is not None else ""
        self._line.setText(warned)
        self._line.setVisible(bool(warned))
        words = self._words(use) if use is not None else ""
        self.setAccessibleName(words)
        self.setToolTip(plain_tip(f"{words}\n{self._explanation()}") if words else "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_bar"):
            self._bar.updateGeometry()
            self._bar.update()

    def _words(self, use: ContextUse) -> str:
        about = not use.is_exact
        figures = {
            "used": token_words(use.used, about=about),
            "context": f"{use.context:,}",
            "message": token_words(use.message, about=about),
            "left": token_words(use.left, about=about),
        }
        if about:
            parts = [self.tr("About {used} of {context} tokens.").format(**figures)]
        else:
            parts = [self.tr("{used} of {context} tokens.").format(**figures)]
        if use.message:
            words = self.tr("This message: about {message}.") if about else self.tr("This message: {message}.")
            parts.append(words.format(**figures))
        parts.append(self._warning(use))
        if not use.is_too_long:
            words = self.tr("{left} are left for the answer.")
            if about:
                words = self.tr("About {left} are left for the answer.")
            parts.append(words.format(**figures))
        return sentences(*parts)

    def _warning(self, use: ContextUse) -> str:
        if not use.message:
            return ""
        if use.is_too_long:
            if not use.is_surely_too_long:
                return self.tr("This message may be too long for the model.")
            return self.tr("This message is too long for the model.")
        if use.dropped == 1:
            return self.tr("With it the oldest message will no longer be read.")
        if use.dropped > 1:
            return self.tr("With it the oldest {count} messages will no longer be read.").format(count=use.dropped)
        return ""

    def _explanation(self) -> str:
        return self.tr(
            "The model has only so much in view at once (its context); a token is a word or a part of one.\n"
            "What is no longer read stays in the conversation."
        )

"""Drawn formulas in a document: each is one character there, which the layout asks for its size and to be painted."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontMetrics,
    QPainter,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
)

from desktop.ui.transcript.maths.boxes import Box
from desktop.ui.transcript.maths.layout import formula_box
from desktop.ui.transcript.maths.tree import formula_tree

FORMULA_OBJECT = QTextFormat.ObjectTypes.UserObject.value + 1
# On the character: what is drawn, and whether it stands by itself.
TEX = QTextFormat.Property.UserProperty.value + 5
DISPLAY = QTextFormat.Property.UserProperty.value + 6
# Formulas whose boxes are kept: those of some pages.
_KEPT = 300
_SMALLEST = 0.4  # of its size, for one that is wider than the page and has no sign to be broken at


class FormulaPainter(QPyTextObject):
    """Draws the formulas of a document, in the colour that its text has there."""

    def __init__(self, parent: QAbstractTextDocumentLayout) -> None:
        """
        Args:
            parent: The layout whose formulas it draws.
        """
        super().__init__(parent)
        self._boxes: OrderedDict[tuple[str, bool, str, float], Box] = OrderedDict()

    def intrinsicSize(self, document: QTextDocument, _position: int, form: QTextFormat) -> QSizeF:
        box = self._box(document, form)
        scale = self._scale(document, box)
        above, below = self._reach(box, form, scale)
        return QSizeF(box.width * scale, above + below)

    def drawObject(
        self, painter: QPainter, area: QRectF | QRect, document: QTextDocument, _position: int, form: QTextFormat
    ) -> None:
        box = self._box(document, form)
        scale = self._scale(document, box)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(area.left(), area.top() + self._reach(box, form, scale)[0])
        painter.scale(scale, scale)
        box.paint(painter)
        painter.restore()
        if form.hasProperty(QTextFormat.Property.BackgroundBrush.value):
            # WORKAROUND(https://code.qt.io/cgit/qt/qtbase.git/tree/src/gui/text/qtextlayout.cpp): over an object that
            # is selected Qt paints half of the selection's colour once more; only then it puts its painter back.
            painter.setClipRect(QRectF())

    def _box(self, document: QTextDocument, form: QTextFormat) -> Box:
        font = form.toCharFormat().font()
        tex, display = str(form.property(TEX)), bool(form.property(DISPLAY))
        box = self._kept_box(tex, display, font, 0.0)
        room = self._room(document)
        return box if box.width <= room else self._kept_box(tex, display, font, room)

    def _kept_box(self, tex: str, display: bool, font: QFont, room: float) -> Box:
        key = (tex, display, font.key(), room)
        if key not in self._boxes:
            tree = formula_tree(tex)
            self._boxes[key] = formula_box(tree, font, display=display, room=room) if tree is not None else Box()
            if len(self._boxes) > _KEPT:
                self._boxes.popitem(last=False)
        return self._boxes[key]

    def _room(self, document: QTextDocument) -> float:
        """Returns the width of a line, as deep as most lists are."""
        room = document.textWidth() - 2 * document.documentMargin() - document.indentWidth() * 4 / 3
        return room if room > 0 else float("inf")

    def _scale(self, document: QTextDocument, box: Box) -> float:
        return 1.0 if box.width <= self._room(document) else max(_SMALLEST, self._room(document) / box.width)

    def _reach(self, box: Box, form: QTextFormat, scale: float) -> tuple[float, float]:
        """Returns what is above and below the line, so that Qt puts the formula where it belongs.

        Qt knows no descent of such an object. Where it is in the middle, Qt takes (height + x/2) / 2 above the line,
        with the x-height as whole pixels (QTextDocumentLayout::resizeInlineObject).
        """
        half = QFontMetrics(form.toCharFormat().font()).xHeight() / 2
        ascent, descent = box.ascent * scale, box.descent * scale
        height = max(2 * ascent - half, 2 * descent + half) + 1
        return (height + half) / 2, (height - half) / 2


def paints_formulas(layout: QAbstractTextDocumentLayout) -> bool:
    """Tells whether the formulas of a layout are drawn."""
    return layout.findChild(FormulaPainter) is not None


def paint_formulas(layout: QAbstractTextDocumentLayout) -> None:
    """Has the formulas of a layout drawn from now on."""
    layout.registerHandler(FORMULA_OBJECT, FormulaPainter(layout))

"""Writes formulas into a document: as words where they are simple, drawn where not, as their source where unknown."""

from __future__ import annotations

from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor, QTextFormat

from desktop.ui.transcript.typography import Typography
from desktop.ui.words import plain_tip

# On characters that stand for a formula: how it is written.
SOURCE = QTextFormat.Property.UserProperty.value + 4
_OBJECT, _JOINER = "\ufffc", "\u2060"


def write_formula(
    cursor: QTextCursor, source: str, tex: str, form: QTextCharFormat, style: Typography, *, display: bool
) -> None:
    """Writes a formula.

    Args:
        cursor: Where.
        source: How it is written, with the signs around it: what is copied of it.
        tex: What of that is to be shown.
        form: The format of the words around it.
        style: Fonts and colours.
        display: It stands by itself, or is written as if it did.
    """
    from desktop.ui.transcript.maths.flat import flat_runs
    from desktop.ui.transcript.maths.painting import (
        DISPLAY,
        FORMULA_OBJECT,
        TEX,
        paint_formulas,
        paints_formulas,
    )
    from desktop.ui.transcript.maths.tree import formula_tree

    tree = formula_tree(tex)
    if tree is None:
        cursor.insertText(source.replace("\n", "\u2028"), form)
        return
    form = QTextCharFormat(form)
    form.setProperty(SOURCE, source)
    form.setToolTip(plain_tip(source))
    runs = None if display else flat_runs(tree)
    if runs is not None:
        alignment = QTextCharFormat.VerticalAlignment
        for run in runs:
            each = QTextCharFormat(form)
            each.setFontItalic(run.italic or form.fontItalic())
            if run.bold:
                each.setFontWeight(QFont.Weight.Bold)
            if run.raised:
                each.setVerticalAlignment(alignment.AlignSuperScript if run.raised > 0 else alignment.AlignSubScript)
            cursor.insertText(run.text, each)
        return
    layout = cursor.document().documentLayout()
    if not paints_formulas(layout):
        paint_formulas(layout)
    font = QFont(style.font)
    if form.hasProperty(QTextFormat.Property.FontPointSize.value):
        font.setPointSizeF(form.fontPointSize())
    form.setFont(font)
    form.setObjectType(FORMULA_OBJECT)
    form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
    form.setProperty(TEX, tex)
    form.setProperty(DISPLAY, display)
    cursor.insertText(_OBJECT, form)
    if not display:  # else a line may end between it and a full stop
        joined = QTextCharFormat(form)
        joined.clearProperty(QTextFormat.Property.ObjectType.value)
        cursor.insertText(_JOINER, joined)

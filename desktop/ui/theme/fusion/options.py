"""What a QStyleOption holds: PySide's declarations leave its fields out.

None of these classes is ever made; an option is only cast to them.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QStyle, QStyleOption, QStyleOptionButton, QStyleOptionComboBox


class Shown:
    """The fields of QStyleOption, which PySide's declarations leave out."""

    state: QStyle.StateFlag
    rect: QRect
    palette: QPalette
    fontMetrics: QFontMetrics
    direction: Qt.LayoutDirection


class ShownButton(Shown):
    features: QStyleOptionButton.ButtonFeature


class ShownFrame(Shown):
    lineWidth: int


class ShownSpinBox(Shown):
    activeSubControls: QStyle.SubControl
    stepEnabled: QAbstractSpinBox.StepEnabledFlag


class ShownComboBox(Shown):
    editable: bool


class ShownSlider(Shown):
    activeSubControls: QStyle.SubControl
    orientation: Qt.Orientation
    minimum: int
    maximum: int
    pageStep: int
    sliderPosition: int
    upsideDown: bool


class ShownProgress(Shown):
    minimum: int
    maximum: int
    progress: int
    invertedAppearance: bool


def shown_by(option: QStyleOption) -> Shown:
    return cast("Shown", option)


def is_default(option: QStyleOption) -> bool:
    wanted = QStyleOptionButton.ButtonFeature.DefaultButton
    return isinstance(option, QStyleOptionButton) and bool(cast("ShownButton", option).features & wanted)


def is_editable(option: QStyleOption) -> bool:
    return isinstance(option, QStyleOptionComboBox) and cast("ShownComboBox", option).editable

"""The icons: found wherever the program lies, readable at every size on any panel, different from each other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from desktop.common.errors import UserFacingError
from desktop.ui.theme.icons import (
    APP_SIZES,
    THINKING_FRAMES,
    TRAY_SIZES,
    CatState,
    app_icon,
    available_cat_icon,
    cat_icon,
    render_cat,
    resource_path,
)

POSES = [state.value for state in CatState if state is not CatState.THINKING]
POSES += [f"{CatState.THINKING.value}-{frame}" for frame in range(THINKING_FRAMES)]


def _over(image: QImage, background: str) -> QImage:
    """Returns the image on a panel of one colour."""
    panel = QImage(image.size(), QImage.Format.Format_RGB32)
    panel.fill(QColor(background))
    painter = QPainter(panel)
    painter.drawImage(0, 0, image)
    painter.end()
    return panel


def _contrast(one: float, other: float) -> float:
    """The contrast ratio of WCAG 2.1 between two relative luminances."""
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def _pixels(image: QImage) -> list[QColor]:
    return [image.pixelColor(x, y) for y in range(image.height()) for x in range(image.width())]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("pose", POSES)
def test_a_pose_fills_its_square_without_touching_all_of_it(pose: str, dark: bool) -> None:
    for size in TRAY_SIZES:
        image = render_cat(pose, size, dark)
        covered = sum(color.alphaF() > 0.5 for color in _pixels(image)) / size**2
        assert 0.25 < covered < 0.8, (size, covered)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("dark", "panel"), [(False, "#f0f0f0"), (True, "#202124"), (False, "#202124"), (True, "#f0f0f0")]
)
def test_every_pose_stands_out_on_its_panel_and_on_the_wrong_one(dark: bool, panel: str) -> None:
    ground = _luminance(QColor(panel))
    right = dark == (QColor(panel).lightnessF() < 0.5)
    for pose in POSES:
        strong = [
            color
            for color in _pixels(_over(render_cat(pose, 16, dark), panel))
            if _contrast(_luminance(color), ground) > 3
        ]
        # On the right panel the whole cat stands out, on the wrong one at least its outline.
        assert len(strong) >= (50 if right else 16), (pose, len(strong))


@pytest.mark.usefixtures("qapp")
def test_the_poses_differ_at_16_pixels() -> None:
    images = {pose: render_cat(pose, 16, dark=False) for pose in POSES}
    for one in POSES:
        for other in POSES:
            if one < other:
                changed = sum(
                    abs(a.alphaF() - b.alphaF()) > 0.4
                    for a, b in zip(_pixels(images[one]), _pixels(images[other]), strict=True)
                )
                assert changed >= 8, (one, other, changed)


@pytest.mark.usefixtures("qapp")
def test_what_is_cut_out_is_transparent_in_a_mask() -> None:
    def hollow(image: QImage) -> int:
        return sum(color.alpha() == 0 for color in _pixels(image))

    for pose in POSES:
        assert hollow(render_cat(pose, 64, dark=False, halo=False)) > hollow(render_cat(pose, 64, dark=False)), pose


@pytest.mark.usefixtures("qapp")
def test_the_tray_icon_has_every_size_and_the_tail_comes_round() -> None:
    for state in CatState:
        sizes = cat_icon(state, dark=True).availableSizes()
        assert [(size.width(), size.height()) for size in sizes] == [(size, size) for size in TRAY_SIZES]
    frames = [cat_icon(CatState.THINKING, dark=False, frame=frame).pixmap(64).toImage() for frame in range(4)]
    assert frames[THINKING_FRAMES] == frames[0]
    assert frames[1] != frames[0]


@pytest.mark.usefixtures("qapp")
def test_on_macos_the_icon_is_a_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not cat_icon(CatState.AWAKE, dark=False).isMask()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cat_icon(CatState.AWAKE, dark=False).isMask()


@pytest.mark.usefixtures("qapp")
def test_the_program_icon_is_coloured_at_every_size() -> None:
    icon = app_icon()
    for size in APP_SIZES:
        image = icon.pixmap(QSize(size, size)).toImage()
        assert (image.width(), image.height()) == (size, size)
        assert max(color.hsvSaturationF() for color in _pixels(image)) > 0.5


def test_a_resource_is_found_in_the_checkout() -> None:
    assert resource_path("icons/catnap.svg").is_file()


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/icons/dog\.svg"):
        resource_path("icons/dog.svg")


def test_the_cat_stays_as_it_was_once_the_program_s_folder_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_name: str) -> Path:
        raise FileNotFoundError

    monkeypatch.setattr("desktop.ui.theme.icons.shipped", nothing)
    with pytest.raises(FileNotFoundError):
        available_cat_icon(CatState.AWAKE, dark=False)
    monkeypatch.setattr("desktop.ui.theme.icons.moved_problem", lambda: UserFacingError("gone"))
    assert available_cat_icon(CatState.AWAKE, dark=False) is None

"""The pictures of the cat that the panel shows: each is drawn once, and the first ones before they are needed."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from desktop.ui.theme.icons import TRAY_SIZES, CatState, available_cat_icon
from desktop.ui.tray.panel import panel_is_dark, panel_looks_dark

# What is drawn before the icon is shown for the first time; the large ones take most of the time and follow at once.
_FIRST_SIZES = TRAY_SIZES[:4]
# The tail goes right, middle, left, middle: two frames a second are calm and cost nothing measurable.
_FRAMES = (0, 1, 2, 1)

_Pose = tuple[CatState, bool, int]  # on a dark panel or not; the frame of the tail


class CatPoses:
    """Draws them for the panel as it is now."""

    def __init__(self) -> None:
        self._drawn: dict[_Pose, QIcon] = {}  # the tail moves without rendering anything anew
        self._is_complete = False

    def complete(self) -> None:
        """The icon can be seen: from now on every size is drawn, and the panel may be asked what it is like."""
        self._is_complete = True

    def pose(self, state: CatState, step: int) -> QIcon | None:
        """Returns the picture of a state; None: it cannot be drawn now.

        Args:
            state: What the cat does.
            step: How often the tail has moved.
        """
        frame = _FRAMES[step % len(_FRAMES)]
        if not self._is_complete:
            return available_cat_icon(state, panel_looks_dark(), frame, _FIRST_SIZES)
        return self._draw((state, panel_is_dark(), frame))

    def draw_ahead(self) -> bool:
        """Draws one pose that was not needed yet: when it is, the GUI thread has more to do than that.

        Returns:
            Whether there may be another one.
        """
        dark = panel_is_dark()
        wanted = [(state, dark, frame) for state in CatState for frame in _frames_of(state)]
        missing = [key for key in wanted if key not in self._drawn]
        return bool(missing) and self._draw(missing[0]) is not None

    def _draw(self, key: _Pose) -> QIcon | None:
        pose = self._drawn.get(key) or available_cat_icon(*key)
        if pose is not None:
            self._drawn[key] = pose
        return pose


def _frames_of(state: CatState) -> tuple[int, ...]:
    return tuple(sorted(set(_FRAMES))) if state is CatState.THINKING else _FRAMES[:1]

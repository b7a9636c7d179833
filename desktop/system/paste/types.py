"""What pasting into another program's window needs of a system."""

from __future__ import annotations

from typing import Protocol


class PasteKeys(Protocol):
    """Presses the keys for "paste" in another program's window. GUI thread; every method is quick."""

    def window_in_front(self) -> int | None:
        """Returns the window that has the keyboard; None: none, or nobody knows."""
        ...

    def bring_to_front(self, window: int) -> None:
        """Asks for a window to get the keyboard; whether it did is seen by :meth:`is_ready`."""
        ...

    def is_ready(self, window: int) -> bool:
        """Whether a window has the keyboard, and nobody holds a key down that would join ours or hide it."""
        ...

    def press(self) -> bool:
        """Presses and releases the keys; returns whether the system took them."""
        ...

    def close(self) -> None:
        """Lets go of what it holds. May be repeated."""
        ...

"""How long the steps of a training take at present."""

from __future__ import annotations


class Pace:
    """From look to look, the looks included: seconds of the processor, which other work on it makes longer."""

    def __init__(self) -> None:
        self._last: tuple[int, float] | None = None

    def seconds(self, step: int, spent: float) -> float | None:
        """Returns how long a step took since this was asked last; None: nobody knows yet.

        Args:
            step: How many were done.
            spent: Seconds of the processor so far, those of earlier processes too.
        """
        last, self._last = self._last, (step, spent)
        if last is None or step <= last[0]:
            return None
        return (spent - last[1]) / (step - last[0])

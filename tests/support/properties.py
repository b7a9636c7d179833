"""How properties are tested: as many tries on a busy machine as on a quiet one, the same ones for everybody."""

from __future__ import annotations

from typing import Final

from hypothesis import settings

# No deadline for a single try: another program may be at work. No folder of examples that one run leaves to the next.
PROPERTY: Final = settings(database=None, deadline=None, derandomize=True)

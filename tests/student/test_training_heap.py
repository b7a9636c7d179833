from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from desktop.student.training.launching import surroundings

# Frees every other one of many blocks, as steps over texts of all lengths do, and tells what of it stays.
_HOLES = """
from desktop.student.training.inside.heap import _resident, keep_within
blocks = [b"x" * 4_000_000 for _ in range(60)]
del blocks[::2]
before = _resident()
print(keep_within(before + 1_000_000), keep_within(before - 1_000_000), before - _resident() > 80_000_000)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc is told to keep it"
)
def test_what_is_kept_for_the_next_step_is_given_back_beyond_what_was_said() -> None:
    told = {**surroundings(dict(os.environ), 1), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", _HOLES], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]

"""``make test`` runs the tests in several processes, and loses none and no failure of them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests import in_parallel


@pytest.mark.parametrize(
    ("codes", "together"),
    [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((0, -11), -11), ((0, 5), 0), ((5, 5), 5), ((5, 2), 2)],
)
def test_the_end_of_all_of_them_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], codes: tuple[int, ...], together: int
) -> None:
    started: list[list[str]] = []

    real, python = subprocess.Popen, sys.executable

    def start(command: list[str], **where: Any) -> subprocess.Popen[bytes]:
        """Starts what ends like a share of the tests."""
        code = codes[len(started)]
        started.append(command)
        said = f"猫 {len(started)} runs\n=== short test summary info ===\nFAILED tests/{len(started)}"
        ends = f"import os, signal; os.kill(os.getpid(), {-code})" if code < 0 else f"raise SystemExit({code})"
        return real([python, "-X", "utf8", "-c", f"print({said!r}, flush=True); {ends}"], **where)

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0, 1}, raising=False)
    assert in_parallel.main(["-k", "cat"]) == together
    assert [command[3:] for command in started] == [["--share=1/2", "-k", "cat"], ["--share=2/2", "-k", "cat"]]
    out = capfd.readouterr().out
    assert out.count("ended with") == sum(code not in (0, 5) for code in codes)
    for share, code in enumerate(codes, start=1):
        # What failed stands in its place and again at the end, where it is seen without all of the rest.
        assert f"猫 {share} runs" in out
        assert out.count(f"FAILED tests/{share}") == (1 if code in (0, 5) else 2)

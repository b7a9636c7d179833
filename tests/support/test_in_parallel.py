"""``make test`` runs the tests in several processes, and loses none and no failure of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

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

    class Pytest:
        """A process that has ended."""

        def __init__(self, command: list[str], cwd: Path, stdout: object, stderr: object) -> None:
            self._code = codes[len(started)]
            started.append(command)
            assert (stdout is None) == (len(started) == 1)

        def wait(self) -> int:
            return self._code

    monkeypatch.setattr(subprocess, "Popen", Pytest)
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0, 1}, raising=False)
    assert in_parallel.main(["-k", "cat"]) == together
    assert [command[3:] for command in started] == [["--share=1/2", "-k", "cat"], ["--share=2/2", "-k", "cat"]]
    assert capfd.readouterr().out.count("ended with") == sum(code not in (0, 5) for code in codes)

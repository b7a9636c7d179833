from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.system.motion import prefers_stillness


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()


@pytest.mark.parametrize(
    ("text", "still"),
    [
        ("[KDE]\nAnimationDurationFactor=0\n", True),
        ("[KDE]\nAnimationDurationFactor=0.5\n", False),
        ("[KDE]\nLookAndFeelPackage=x\n", False),
        ("[KDE]\nAnimationDurationFactor=fast\n", False),
        ("no section\n", False),
    ],
)
def test_plasma(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, still: bool) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    (tmp_path / "kdeglobals").write_text(text, encoding="utf-8")
    assert prefers_stillness() is still


@pytest.mark.parametrize(("said", "still"), [("false", True), ("true", False), ("", False)])
def test_gnome(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, still: bool) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    program = tmp_path / "bin" / "gsettings"
    program.write_text(f"#!/bin/sh\necho {said}\n", encoding="utf-8")
    program.chmod(0o755)
    assert prefers_stillness() is still


def test_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for desktop in ("", "KDE", "GNOME"):
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
        assert not prefers_stillness()

"""What is said where nothing can be read aloud: what to install, for each system."""

from __future__ import annotations

import pytest

from desktop.speech.errors import CannotReadAloudError, no_engine, no_voice

_SYSTEMS = {
    "ID=debian": "sudo apt-get install speech-dispatcher speech-dispatcher-espeak-ng",
    "ID=fedora": "sudo dnf install speech-dispatcher speech-dispatcher-espeak-ng",
    "ID=arch": "sudo pacman -S speech-dispatcher espeak-ng",
}


@pytest.mark.parametrize("release", _SYSTEMS)
def test_on_linux_a_command_is_named(monkeypatch: pytest.MonkeyPatch, release: str) -> None:
    monkeypatch.setattr("desktop.speech.errors.read_os_release", lambda: release)
    monkeypatch.setattr("desktop.system.libraries.can_load", lambda _soname: True)
    assert no_voice("zh", "linux").command == _SYSTEMS[release]
    assert no_engine("Connection to speech-dispatcher failed", "linux").command == _SYSTEMS[release]


def test_libraries_that_are_missing_are_installed_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.speech.errors.read_os_release", lambda: "ID=debian")
    monkeypatch.setattr("desktop.system.libraries.can_load", lambda _soname: False)
    error = no_engine("libpulse.so.0: cannot open shared object file: No such file or directory", "linux")
    assert error.command == "sudo apt-get install libpulse0 speech-dispatcher speech-dispatcher-espeak-ng"
    # THEN on a system that nobody knows, each family has its line
    monkeypatch.setattr("desktop.speech.errors.read_os_release", lambda: "")
    error = no_voice("en", "linux")
    assert (error.command, len(error.detail.splitlines())) == ("", 3)


def test_a_module_that_is_missing_is_named() -> None:
    assert "PySide6-Addons" in no_engine("No module named 'PySide6.QtTextToSpeech'", "linux").detail


@pytest.mark.parametrize(("platform", "place"), [("win32", "Settings of Windows"), ("darwin", "System Settings")])
@pytest.mark.parametrize("language", ["zh", "en", "ja"])
def test_elsewhere_the_place_in_the_settings(platform: str, place: str, language: str) -> None:
    for error in (no_voice(language, platform), no_engine("", platform)):
        assert isinstance(error, CannotReadAloudError)
        assert place in error.remedy
        assert error.command == ""

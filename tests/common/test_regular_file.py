"""What people call a file may be anything: none of it is waited for."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from desktop.common.regular_file import NotAFileError, open_regular

unix = pytest.mark.skipif(sys.platform == "win32", reason="pipes, sockets and devices have no path there")


def test_a_file_and_a_link_to_one_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"one\r\ntwo\n")
    with open_regular(path) as file:
        assert file.read() == b"one\r\ntwo\n"
    if sys.platform != "win32":
        link = tmp_path / "link.gguf"
        link.symlink_to(path)
        with open_regular(link) as file:
            assert file.read(3) == b"one"


@unix
def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe.gguf"
    os.mkfifo(path)
    with pytest.raises(NotAFileError, match="it is a folder, a pipe or a device"):
        open_regular(path)


@unix
def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.gguf")
        with pytest.raises(NotAFileError):
            open_regular(tmp_path / "s.gguf")


@unix
def test_a_device_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (Path(os.devnull), tmp_path):
        with pytest.raises(NotAFileError):
            open_regular(path)


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "gone.gguf")


@unix
def test_nothing_stays_open_of_what_is_refused(tmp_path: Path) -> None:
    # GIVEN a handle's number, which the system gives out again as soon as it is free
    free = os.open(tmp_path, os.O_RDONLY)
    os.close(free)
    # WHEN something is refused
    with pytest.raises(NotAFileError):
        open_regular(tmp_path)
    # THEN the number is free
    again = os.open(tmp_path, os.O_RDONLY)
    os.close(again)
    assert again == free

"""What is dropped and pasted: files are told from texts, however programs hand them over."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from desktop.ui.documents.incoming import Incoming, is_long, look_at


def test_files_links_and_texts_are_told_apart(tmp_path: Path) -> None:
    # GIVEN what a file manager hands over: addresses, and the same as text
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a b & 手册.pdf")), QUrl.fromLocalFile(str(tmp_path))])
    data.setText("file:///whatever")
    assert look_at(data) == Incoming((tmp_path / "a b & 手册.pdf", tmp_path))
    # AND a browser: an address of the web
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.pdf")])
    assert look_at(data) == Incoming(links=("https://example.org/a.pdf",))
    # AND a program that only knows texts
    data = QMimeData()
    data.setText("file:///tmp/a%20b.txt\r\nfile:///tmp/c.txt\r\n")
    assert look_at(data).files == (Path("/tmp/a b.txt"), Path("/tmp/c.txt"))
    # AND a text that only speaks of files
    data = QMimeData()
    data.setText("file:///tmp/a.txt is where it is")
    assert look_at(data) == Incoming(text="file:///tmp/a.txt is where it is")


def test_a_picture_is_one_only_where_there_is_no_text() -> None:
    data = QMimeData()
    data.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    assert look_at(data) == Incoming(is_picture=True)
    data.setText("cells of a spreadsheet come as both")
    assert look_at(data) == Incoming(text="cells of a spreadsheet come as both")


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("When is the meeting?", False),
        ("one\ntwo\nthree", False),
        ("line\n" * 8, True),
        ("word " * 160, True),
        ("会议" * 200, True),
        ("\n" * 40, False),
        ("", False),
    ],
)
def test_what_is_long(text: str, long: bool) -> None:
    assert is_long(text) is long

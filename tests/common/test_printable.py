"""Foreign text where it is shown."""

from __future__ import annotations

import pytest

from desktop.common.printable import PrintableStream, harmless, one_line, printable


@pytest.mark.parametrize(
    "kept", ["plain\ttext\nof lines", "喵 🐱 é e\u0301", "שלום\u200f \u200eabc", "می\u200cخواهم", "👩\u200d💻 ❤\ufe0f"]
)
def test_text_of_every_script_is_kept(kept: str) -> None:
    assert printable(kept) == kept


@pytest.mark.parametrize("code", [0, 7, 8, 11, 12, 13, 27, 31, 127, 0x80, 0x9B, 0x9F, 0x2028, 0x202E, 0x2066, 0xD83D])
def test_what_does_something_is_replaced(code: int) -> None:
    assert printable(f"a{chr(code)}b") == "a\ufffdb"
    assert one_line(f"a{chr(code)}b") in ("a\ufffdb", "a b")


def test_a_windows_line_end_is_a_line_feed_wherever_it_is_cut() -> None:
    assert printable("a\r\nb\rc") == "a\nb\ufffdc"
    stream = PrintableStream()
    pieces = ["a\r", "\nb", "\r", "c\r"]
    assert "".join(map(stream.feed, pieces)) + stream.end() == "a\nb\ufffdc\ufffd"
    assert stream.end() == ""


def test_a_name_is_one_line() -> None:
    assert one_line("  a \n\tb\u3000c ") == "a b c"
    assert one_line("gpj\u202eexe.\u2066") == "gpj\ufffdexe.\ufffd"
    assert one_line("👩\u200d💻") == "👩\u200d💻"


def test_a_log_keeps_halves_for_whoever_writes_it() -> None:
    assert harmless("caf\udce9\x1b") == "caf\udce9\ufffd"

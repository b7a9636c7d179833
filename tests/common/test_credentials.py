"""No name or password of an address gets into a log, a sentence or a report."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.common.credentials import without_credentials
from desktop.common.errors import UserFacingError
from desktop.common.logs import Bug, BugReporter, set_up_logging
from tests.support.properties import PROPERTY


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("http://anna:secret@proxy:3128/", "http://***@proxy:3128/"),
        ("see http://anna:se@cr/et@proxy:3128.", "see http://***@proxy:3128."),
        ("socks5://anna@proxy", "socks5://***@proxy"),
        ("user:secret@proxy:8080", "***@proxy:8080"),
        ("'user:secret@[::1]:8080'", "'***@[::1]:8080'"),
        ("https://huggingface.co/owner/model@main/x", "https://huggingface.co/owner/model@main/x"),
        ("mail anna@example.org at 12:30", "mail anna@example.org at 12:30"),
        ("C:\\Users\\anna@home", "C:\\Users\\anna@home"),
        ("/home/anna@home/models/x.gguf: 12 MB", "/home/anna@home/models/x.gguf: 12 MB"),
        ("nothing here", "nothing here"),
    ],
)
def test_cleaning(text: str, clean: str) -> None:
    assert without_credentials(text) == clean


_WORD = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters="'\"<>"), min_size=8, max_size=30
)


@PROPERTY
@given(_WORD)
def test_no_password_is_too_strange(password: str) -> None:
    password = "".join(password.split()) or "password"
    assert password not in without_credentials(f"via http://anna:{password}@proxy.example:3128 and on")


def test_a_sentence_holds_none() -> None:
    secret = "http://anna:secret@proxy:3128"
    for error in (UserFacingError("T", f"{secret}."), UserFacingError("T", "{0}!", values=(secret,))):
        assert "secret" not in str(error) + error.detail + "".join(error.values)


def test_the_log_and_a_report_hold_none(tmp_path: Path) -> None:
    tail = set_up_logging(tmp_path / "catnap.log")
    bugs: list[Bug] = []
    try:
        logging.getLogger("desktop.x").warning("asked %s", "http://anna:secret@proxy:3128")
        try:
            raise ValueError("cannot use http://anna:secret@proxy:3128")
        except ValueError as problem:
            logging.getLogger("desktop.x").exception("failed")
            BugReporter(bugs.append).handle(problem)
    finally:
        tail.close()
    text = (tmp_path / "catnap.log").read_text(encoding="utf-8")
    assert "http://***@proxy:3128" in text
    # The source line of the traceback is this very test's, and nobody's secret.
    for line in [*text.splitlines(), *tail.lines(), bugs[0].summary, *bugs[0].traceback.splitlines()]:
        assert "secret" not in line

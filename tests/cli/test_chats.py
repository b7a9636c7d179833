"""``catnap chats`` as a process."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.history.store import History
from tests.support.command_line import ROOT, Done, catnap, environment, python

EXAMPLES = ROOT / "tests" / "history" / "exchange" / "examples"


def chats(data: Path, *arguments: str, stdin: bytes = b"") -> Done:
    return catnap("chats", *arguments, "--data-dir", str(data), stdin=stdin)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with what ChatGPT and Open WebUI have exported."""
    for name in ("chatgpt.json", "open-webui.json"):
        assert chats(tmp_path / "data", "import", str(EXAMPLES / name)).code == 0
    return tmp_path / "data"


def test_import_list_search(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert chats(data, "list").out == "There are no conversations.\n"
    first = chats(data, "import", str(EXAMPLES / "chatgpt.json"))
    again = chats(data, "import", "-", "--json", stdin=(EXAMPLES / "chatgpt.json").read_bytes())
    assert (first.code, first.out, first.err) == (0, "2 conversations imported\n", "")
    assert again.json == {"added": 0, "grown": 0, "known": 2, "skipped": 0, "damaged": False}
    assert [line[28:] for line in chats(data, "list").out.splitlines()] == ["Weight of a cat", "猫为什么打呼噜？"]
    assert "Weight of a cat" in chats(data, "search", "kitten").out
    assert chats(data, "search", "打呼噜", "--json").json["hits"][0]["title"] == "猫为什么打呼噜？"
    assert chats(data, "search", "nobody", "said").out == "Nothing found.\n"


def test_the_list_says_what_is_pinned_archived_and_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    history = History(tmp_path / "data" / "history.sqlite3")
    ids = [history.create(title).id for title in ("Plain", "Pinned", "Both")]
    history.set_pinned(ids[1], 1.0)
    history.set_folder(ids[1], "Work, home")
    history.set_archived(ids[2], 1.0)
    history.close()
    lines = chats(tmp_path / "data", "list").out.splitlines()
    assert sorted(line[28:] for line in lines) == ["Both  [archived]", "Pinned  [folder: Work, home, pinned]", "Plain"]
    found = {one["title"]: one for one in chats(tmp_path / "data", "list", "--json").json["conversations"]}
    assert [found["Pinned"][key] for key in ("pinned", "archived", "folder")] == [True, False, "Work, home"]
    assert [found["Both"][key] for key in ("pinned", "archived", "folder")] == [False, True, ""]


def test_where_there_is_nothing_to_export_an_older_file_stays(tmp_path: Path) -> None:
    old = tmp_path / "all.md"
    old.write_text("words")
    done = chats(tmp_path / "data", "export", "-o", str(old), "--force")
    assert (done.code, done.out) == (1, "")
    assert "There are no conversations to export." in done.err
    assert old.read_text() == "words"


def test_a_daily_copy_is_imported_and_the_history_is_never_exported_onto(data: Path) -> None:
    # GIVEN a copy, as the app makes one
    assert chats(data, "import", str(data / "history.sqlite3")).out == "0 conversations imported, 4 already there\n"
    # WHEN the history is to be replaced by an export of it THEN that is refused, and --force is not advised
    for more in ((), ("--force",)):
        done = chats(data, "export", "-o", str(data / "history.sqlite3"), *more)
        assert (done.code, done.out) == (1, "")
        assert "Choose another name" in done.err
    assert "4 already there" in chats(data, "import", str(data / "history.sqlite3")).out


def test_export_to_stdout_a_file_and_a_folder(data: Path, tmp_path: Path) -> None:
    # stdout: Markdown of all, JSON of one
    assert chats(data, "export").out.count("*Exported from Catnap ") == 4
    haiku = json.loads(chats(data, "export", "Haiku", "--format", "json").out)
    assert [one["title"] for one in haiku["conversations"]] == ["Haiku"]
    # what is not in view is told only if it is asked for, but in JSON
    said = chats(data, "export", "Haiku").out
    assert "Left out: " in said
    everything = chats(data, "export", "Haiku", "--with-thoughts", "--with-versions").out
    assert len(everything) > len(said) and "Left out: " not in everything
    # a file: its name tells the format, and it is not replaced
    file = tmp_path / "out.json"
    done = chats(data, "export", "-o", str(file), "--json")
    assert done.json == {"conversations": 4, "files": [str(file)]}
    refused = chats(data, "export", "-o", str(file))
    assert (refused.code, refused.out) == (1, "")
    assert "--force" in refused.err
    assert chats(data, "export", haiku["conversations"][0]["id"][:8], "-o", str(file), "--force").code == 0
    assert json.loads(file.read_text(encoding="utf-8")) | {"exported": ""} == haiku | {"exported": ""}
    # a folder: a file for each
    (tmp_path / "all").mkdir()
    assert chats(data, "export", "-o", str(tmp_path / "all"), "--format", "txt").code == 0
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == [
        "Before the tree.txt",
        "Haiku.txt",
        "Weight of a cat.txt",
        "猫为什么打呼噜？.txt",
    ]
    # and all of it comes back elsewhere
    assert chats(data, "export", "-o", str(file), "--force").code == 0
    assert chats(tmp_path / "other", "import", str(file)).out == "4 conversations imported\n"


def test_what_cannot_be_done_is_a_sentence(data: Path, tmp_path: Path) -> None:
    for arguments in (
        ("export", "nothing like that"),
        ("export", "-o", str(tmp_path / "gone" / "a.md")),
        ("export", "-o", os.devnull, "--force"),
        ("import", str(tmp_path / "gone.json")),
        ("import", str(tmp_path)),
        ("import", str(ROOT / "README.md")),
    ):
        done = chats(data, *arguments)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("catnap: ")
        assert "Traceback" not in done.err
    assert catnap("chats").code == catnap("chats", "export", "--format", "pdf").code == 2


def test_a_damaged_file_fails_and_says_what_was_taken(tmp_path: Path) -> None:
    text = (EXAMPLES / "open-webui.json").read_text(encoding="utf-8")
    (tmp_path / "half.json").write_text(text[:-100], encoding="utf-8")
    done = chats(tmp_path / "data", "import", str(tmp_path / "half.json"))
    assert (done.code, done.out) == (1, "1 conversation imported\n")
    assert "damaged" in done.err


def test_a_title_that_several_have_needs_an_id(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    history = History(tmp_path / "data" / "history.sqlite3")
    ids = [history.create("Same").id for _ in range(2)]
    history.close()
    done = chats(tmp_path / "data", "export", "Same")
    assert done.code == 1
    assert all(conversation_id[:8] in done.err for conversation_id in ids)


def test_it_works_while_the_app_has_the_history_open(data: Path) -> None:
    app = History(data / "history.sqlite3")
    mine = app.create("Mine")
    app.add_user_message(mine.id, "from the app")
    assert "from the app" in chats(data, "export", "Mine").out
    value = [{"id": "n", "title": "New", "messages": [{"role": "user", "text": "Q"}]}]
    assert chats(data, "import", "-", stdin=json.dumps(value).encode()).code == 0
    assert "New" in {one.title for one in app.conversations()}
    app.add_user_message(mine.id, "and on")
    app.close()


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a matter of Unix")
def test_a_terminal_obeys_nothing_that_somebody_wrote(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    history = History(tmp_path / "data" / "history.sqlite3")
    conversation = history.create("\x1b]0;title\x07 \u202e")
    history.add_user_message(conversation.id, "\x1b[31mred\x9b\n\ttext")
    history.close()
    for action in ("list", "export"):
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "desktop", "chats", action, "--data-dir", str(tmp_path / "data")]
        process = subprocess.Popen(command, stdout=follower, env=environment())
        os.close(follower)
        shown = b""
        try:
            while piece := os.read(leader, 4096):
                shown += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(leader)
        assert process.wait() == 0
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown.decode())
        assert "\ufffd" in shown.decode()
    # AND a file gets it as it was written
    assert "\x1b[31mred" in chats(tmp_path / "data", "export").out


def test_no_qt_is_needed(data: Path) -> None:
    code = "import sys; sys.modules['PySide6'] = None; from desktop.__main__ import main; sys.exit(main(sys.argv[1:]))"
    done = python(code, "chats", "list", "--data-dir", str(data))
    assert done.code == 0
    assert "Haiku" in done.out

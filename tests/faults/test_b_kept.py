"""FAULTS B, people's words: more members of the kinds of B9, B10 and B12 than the table names."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from desktop.app.leftovers import sweep_leftovers
from desktop.check.store import ResultStore, Setup
from desktop.check.types import Kind, Language, Outcome, TaskResult
from desktop.common.paths import Paths, resolve_paths
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.history.database import open_database
from desktop.history.errors import as_user_error
from desktop.history.exchange.importing import import_file
from desktop.history.records import CALCULATED, MessageState
from desktop.history.rescue.vanished import written_anew
from desktop.history.store import History
from desktop.ui.conversations.sections import in_sections
from tests.faults.test_b_words import Store
from tests.history.conftest import exported
from tests.support.command_line import environment
from tests.support.patience import PATIENCE_S
from tests.support.start_and_quit import start_and_quit

PRIVATE = "very private words"
_KILLS = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such end here")

# --- B9: a kill in a write leaves private words that nobody looks for

STOP = """
import sys, time, os
from pathlib import Path
from desktop.common.paths import resolve_paths
paths = resolve_paths(Path(sys.argv[1]))
words = "very private words"
def wait(*_args, **_named):
    print("there", flush=True)
    time.sleep(1000)
"""
AT_THE_END = STOP + "Path.replace = wait\n"
IN_THE_MIDDLE = STOP + "os.fsync = wait\n"
_TASK = "TaskResult('a', 'b', Kind.FACTS, Language.ENGLISH, Outcome.WRONG, words)"
WRITES = {
    "settings": "from desktop.settings.store import SettingsStore\n"
    "SettingsStore(paths.settings_file).change(system_prompt=words)",
    "drafts": "from desktop.history.drafts import DraftFile\nDraftFile(paths.drafts_file).save({'': words})",
    "forms": "from desktop.structured.library import FormLibrary\nfrom desktop.structured.fields import Field, Form\n"
    "FormLibrary(paths.forms_file).save(Form(words, (Field('name'),)))",
    "personas": "from desktop.personas.library import PersonaLibrary\nfrom desktop.personas.persona import Persona\n"
    "from desktop.settings.store import SettingsStore\n"
    "PersonaLibrary(paths.personas_file, SettingsStore(paths.settings_file), 'en').save(Persona('own-1', words))",
    "quick actions": "from desktop.chat.quick_actions.store import QuickActionsFile\n"
    "QuickActionsFile(paths.quick_actions_file).add('Mine', words)",
    "libraries": "from desktop.documents.library.folders import LibraryList\n"
    "LibraryList(paths.libraries_file).add(paths.data, words)",
    "what was said": "from desktop.settings.told import ToldFile\nToldFile(paths.told_file).tell(words)",
    "a check": "from desktop.check.store import ResultStore, Setup\n"
    "from desktop.check.types import Kind, Language, Outcome, TaskResult\n"
    f"ResultStore(paths.checks_dir).open(Setup('a', 'b', '', '', '', '')).add({_TASK})",
}


def killed(before: str, data: Path, *more: str) -> None:
    """Runs a piece of Python until it says that it is there, and kills it."""
    with subprocess.Popen(
        [sys.executable, "-c", before, str(data), *more], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "there"
        process.kill()


def private(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and PRIVATE.encode() in file.read_bytes()]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = resolve_paths(tmp_path / "data")
    made.create()
    return made


@_KILLS
@pytest.mark.parametrize("what", WRITES)
def test_b9_a_kill_in_any_write_leaves_nothing(paths: Paths, what: str) -> None:
    killed(f"{AT_THE_END}{WRITES[what]}", paths.data)
    assert private(paths.data)
    sweep_leftovers(paths)
    assert private(paths.data) == []


@_KILLS
@pytest.mark.parametrize("name", ["settings.json", "my catnap settings", ".settings"])
def test_b9_settings_behind_a_link_leave_nothing_where_it_leads(paths: Paths, tmp_path: Path, name: str) -> None:
    # GIVEN settings among the files that somebody keeps in a repository
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / name).write_text(json.dumps({"version": 1, "values": {}}))
    paths.settings_file.symlink_to(dotfiles / name)
    killed(f"{AT_THE_END}{WRITES['settings']}", paths.data)
    (dotfiles / f".{name}x-4194303-0123abcd.tmp").write_text("somebody else's")
    assert private(dotfiles)
    assert start_and_quit(paths.data) == []
    assert private(tmp_path) == []
    assert [file.name for file in dotfiles.glob("*.tmp")] == [f".{name}x-4194303-0123abcd.tmp"]


@_KILLS
@pytest.mark.parametrize("to", ["settings.json", "/nowhere/at/all", "a folder"])
def test_b9_links_that_lead_nowhere_stop_no_sweep(paths: Paths, to: str) -> None:
    killed(f"{AT_THE_END}{WRITES['drafts']}", paths.data)
    paths.settings_file.symlink_to(to)
    sweep_leftovers(paths)
    assert private(paths.data) == []


@_KILLS
@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files always have names there")
@pytest.mark.parametrize("form", [".json", ".md", ".txt"])
def test_b9_a_kill_in_an_export_leaves_nothing_in_a_folder_of_people(paths: Paths, tmp_path: Path, form: str) -> None:
    # GIVEN kill -9 in an export into a folder that no start looks into
    with closing(History(paths.history_file)) as history:
        history.add_user_message(history.create(PRIVATE).id, PRIVATE)
    out = tmp_path / "Documents"
    out.mkdir()
    code = f"{IN_THE_MIDDLE}\nfrom desktop.__main__ import main\nmain(sys.argv[2:])"
    command = ("chats", "export", "-o", str(out / f"all{form}"), "--data-dir", str(paths.data))
    killed(code, paths.data, *command)
    # THEN nothing is there, and the next one is whole
    assert list(out.iterdir()) == []
    done = subprocess.run([sys.executable, "-m", "desktop", *command], env=environment(), check=False)
    assert done.returncode == 0
    assert [file.name for file in out.iterdir()] == [f"all{form}"]
    assert private(out)


@_KILLS
def test_b9_a_kill_while_a_deleted_history_is_written_again_loses_nothing(paths: Paths) -> None:
    # GIVEN a history that was deleted while the program ran, and a kill before the new file has its name
    code = STOP + (
        "from desktop.history.store import History\n"
        "history = History(paths.history_file)\n"
        "one = history.create(words).id\n"
        "history.add_user_message(one, words)\n"
        "history.wait_done(60)\n"
        "paths.history_file.unlink()\n"
        "Path.replace = wait\n"
        "history.rename(one, 'Another title')\n"
    )
    killed(code, paths.data)
    assert not paths.history_file.exists()
    # THEN the next start has all that was in it, and no other copy of it is left
    assert start_and_quit(paths.data) == []
    with closing(History(paths.history_file)) as history:
        assert [one.title for one in history.conversations()] == [PRIVATE]
    assert not written_anew(paths.history_file).exists()


@pytest.mark.parametrize("left", ["empty", "begun", "noise"])
def test_b9_half_of_such_a_file_is_no_history(paths: Paths, left: str) -> None:
    again = written_anew(paths.history_file)
    if left == "begun":
        with closing(sqlite3.connect(again)) as begun:
            begun.execute("CREATE TABLE conversations (id)")
    else:
        again.write_bytes(b"" if left == "empty" else os.urandom(5000))
    with closing(open_database(paths.history_file).connection) as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
    assert not again.exists()
    assert len(list(paths.data.glob("*damaged*"))) == (left == "noise")


def test_b9_beside_a_history_it_is_swept(paths: Paths) -> None:
    History(paths.history_file).close()
    for suffix in ("", "-journal"):
        (paths.data / f"history.again.sqlite3{suffix}").write_text(PRIVATE)
    sweep_leftovers(paths)
    assert private(paths.data) == []


# --- B10: an answer that is given anew destroys none


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()
    made = Store(tmp_path / "data")
    yield made
    made.close()


def _stopped(store: Store) -> None:
    store.say("Half an ans")
    store.chat.on_engine_event(Finished(store.engine.last.request_id, FinishReason.STOPPED, Stats()))


def _failed(store: Store) -> None:
    store.say("Half an ans")
    store.chat.on_engine_event(Failed(store.engine.last.request_id, as_user_error(OSError("x"), Path("y")), Stats()))


def _failed_at_once(store: Store) -> None:
    store.chat.on_engine_event(Failed(store.engine.last.request_id, as_user_error(OSError("x"), Path("y")), Stats()))


def _stopped_at_once(store: Store) -> None:
    store.chat.on_engine_event(Finished(store.engine.last.request_id, FinishReason.STOPPED, Stats()))


def _repeated(store: Store) -> None:
    store.say("again and again and again")
    store.chat.on_engine_event(Finished(store.engine.last.request_id, FinishReason.REPEATED, Stats()))


def _thought_only(store: Store) -> None:
    store.chat.on_engine_event(Token(store.engine.last.request_id, "hm, let me think", True))
    store.chat.on_engine_event(Finished(store.engine.last.request_id, FinishReason.LENGTH, Stats()))


ENDS: dict[str, Callable[[Store], None]] = {
    "stopped": _stopped,
    "failed": _failed,
    "failed at once": _failed_at_once,
    "stopped at once": _stopped_at_once,
    "repeated": _repeated,
    "thoughts only": _thought_only,
}


@pytest.mark.parametrize("second", ENDS)
def test_b10_however_the_new_answer_ends_the_old_one_is_there(store: Store, second: str) -> None:
    conversation = store.talk("Tell me", "The first answer.")
    first = store.history.transcript(conversation).messages[-1]
    store.chat.regenerate(conversation)
    ENDS[second](store)
    shown = store.history.transcript(conversation).messages
    if "at once" in second:  # nothing came: the old one is shown as if nothing had been asked
        assert shown[-1] == first
    else:
        assert (shown[-1].version, shown[-1].versions) == (2, 2)
        store.chat.show_version(conversation, first.id)
    assert store.texts(conversation) == ["Tell me", "The first answer."]


@pytest.mark.parametrize("first", [end for end in ENDS if "at once" not in end])
def test_b10_however_the_old_answer_ended_it_is_kept(store: Store, first: str) -> None:
    conversation = store.chat.send(None, "Tell me")
    ENDS[first](store)
    old = store.history.transcript(conversation).messages[-1]
    store.chat.regenerate(conversation)
    store.say("The second answer.")
    store.finish()
    assert store.texts(conversation) == ["Tell me", "The second answer."]
    store.chat.show_version(conversation, old.id)
    again = store.history.transcript(conversation).messages[-1]
    assert (again.text, again.thinking, again.state) == (old.text, old.thinking, old.state)


def test_b10_what_goes_on_is_a_version_and_so_is_what_came_before(store: Store) -> None:
    conversation = store.chat.send(None, "Tell me")
    _stopped(store)
    store.chat.go_on(conversation)
    store.say("wer.")
    store.finish()
    assert store.texts(conversation) == ["Tell me", "Half an answer."]
    texts = [one.text for one in store.history.tree(conversation).messages]
    assert texts == ["Tell me", "Half an ans", "Half an answer."]


def test_b10_a_computed_answer_stays_beside_the_model_s(tmp_path: Path) -> None:
    with closing(History(tmp_path / "history.sqlite3")) as history:
        conversation = history.create("2 + 2").id
        history.add_user_message(conversation, "2 + 2")
        whole = MessageState.COMPLETE
        history.add_answer(conversation, "4", thinking="", state=whole, model=CALCULATED, stats=None)
        asked = history.transcript(conversation).messages[0].id
        history.add_answer(conversation, "Five", thinking="", state=whole, model="m", stats=None, parent=asked)
        assert [one.text for one in history.tree(conversation).messages] == ["2 + 2", "4", "Five"]


@pytest.mark.parametrize("after", ["an import", "a kill", "a deletion of the new one", "an edit of the question"])
def test_b10_the_old_answer_is_there_after(store: Store, after: str, tmp_path: Path) -> None:
    conversation = store.talk("Tell me", "The first answer.")
    first = store.history.transcript(conversation).messages[-1]
    store.chat.regenerate(conversation)
    store.say("The second answer.")
    store.finish()
    question, second = store.history.transcript(conversation).messages
    history = store.history
    if after == "an import":
        (tmp_path / "other").mkdir()
        with closing(History(tmp_path / "other" / "history.sqlite3")) as history:
            import_file(history, io.BytesIO(exported(store.history)), 1.0)
            (one,) = history.conversations()
            texts = [each.text for each in history.tree(one.id).messages]
        assert texts == ["Tell me", "The first answer.", "The second answer."]
        return
    if after == "a kill":
        store.chat.regenerate(conversation)
        store.say("Half of a third")
        with closing(History(store.folder / "history.sqlite3")) as again:
            assert len(again.tree(conversation).messages) == 3
            return
    if after == "a deletion of the new one":
        history.delete_message(conversation, second.id)
        store.chat.remove_messages(conversation, (second.id,))
        assert store.texts(conversation) == ["Tell me", "The first answer."]
    else:
        store.chat.edit(conversation, question.id, "Tell me more")
        store.say("More.")
        store.finish()
        store.chat.show_version(conversation, first.id)
        assert store.texts(conversation) == ["Tell me", "The first answer."]


# --- B12: what was done while the clock was wrong is not on top for years

_2031, _2026, _1970 = 1_924_992_000.0, 1_790_000_000.0, 0.0


@pytest.mark.parametrize("wrong", [_2031, 4e12, _1970, -5.0])
@pytest.mark.parametrize("what", ["pinned", "archived"])
def test_b12_what_is_pinned_or_archived_later_comes_first(tmp_path: Path, wrong: float, what: str) -> None:
    now = [wrong]
    with closing(History(tmp_path / "history.sqlite3", lambda: now[0])) as history:
        first, second = history.create("First").id, history.create("Second").id
        put = history.set_pinned if what == "pinned" else history.set_archived
        put(first, history.moment_of_arranging())
        now[0] = _2026
        put(second, history.moment_of_arranging())
        moments = {one.id: getattr(one, what) for one in history.conversations()}
        assert moments[second] > moments[first]
        if what == "pinned":
            shown = [one.id for _heading, one in in_sections(history.conversations(), date(2026, 9, 21))]
            assert shown == [second, first]


@pytest.mark.parametrize("wrong", ["2031-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "garbage", ""])
def test_b12_results_of_a_check_from_2031_are_not_the_newest(tmp_path: Path, wrong: str) -> None:
    store = ResultStore(tmp_path / "checks")
    result = TaskResult("a", "b", Kind.FACTS, Language.ENGLISH, Outcome.RIGHT, "c")
    old = store.open(Setup("old", "1", "", "", "", ""))
    old.add(result)
    file = tmp_path / "checks" / f"{old.setup.id}.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "at": wrong}))
    store.open(Setup("new", "2", "", "", "", "")).add(result)
    assert [record.setup.model for record in store.all()] == ["new", "old"]


@pytest.mark.parametrize("wrong", [_2031, _1970, 1e300])
def test_b12_an_imported_conversation_from_2031_goes_down_with_the_next_message(tmp_path: Path, wrong: float) -> None:
    with closing(History(tmp_path / "history.sqlite3", lambda: _2026)) as history:
        mine = history.create("Mine").id
        history.add_user_message(mine, "Hello")
        message = {"role": "user", "text": "From the future", "created": wrong}
        document = {"id": "x", "title": "Theirs", "created": wrong, "updated": wrong, "messages": [message]}
        import_file(history, io.BytesIO(json.dumps(document).encode()), _2026)
        history.add_user_message(mine, "Again")
        assert [one.title for one in history.conversations()] == ["Mine", "Theirs"]


@pytest.mark.parametrize("moments", [(_2031, _2026), (_2026, _2031, _2026), (_1970, _2026), (_2031, _1970, _2026)])
def test_b12_deleted_ones_go_after_their_days_and_not_before(tmp_path: Path, moments: tuple[float, ...]) -> None:
    now = [moments[0]]
    day = 86400.0
    with closing(History(tmp_path / "history.sqlite3", lambda: now[0])) as history:
        gone = history.create("Gone").id
        history.add_user_message(gone, "Hello")
        history.delete(gone)
        for moment in moments[1:]:
            now[0] = moment
            assert history.purge_deleted(30 * day) == ()
        for _day in range(31):
            now[0] += day
            history.purge_deleted(30 * day)
        assert history.deleted() == ()
        assert history.wait_done(PATIENCE_S)


@pytest.mark.parametrize("wrong", [_2031, _1970])
def test_b12_the_newest_hit_and_the_newest_thumb_are_the_last(tmp_path: Path, wrong: float) -> None:
    now = [wrong]
    with closing(History(tmp_path / "history.sqlite3", lambda: now[0])) as history:
        for title in ("First", "Second"):
            one = history.create(title).id
            history.add_user_message(one, "wombats")
            answer = history.add_answer(one, title, thinking="", state=MessageState.COMPLETE, model="m", stats=None)
            history.set_rating(answer.id, 1)
            now[0] = _2026
        assert [hit.conversation.title for hit in history.search("wombats")] == ["Second", "First"]
        assert [each.turns[-1].text for each in history.rated_answers()] == ["First", "Second"]

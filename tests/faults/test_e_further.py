"""FAULTS E, security: more members of the kinds of E1 and E2 than the table names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.test_e_security import _ask_on_terminal, on_terminal
from tests.support.command_line import catnap, environment
from tests.support.parrot import PARROT_TEXT, make_parrot

_LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None, reason="a library that tells when it is loaded"
)
# The names that the loader, ggml and llama-cpp-python would take.
NAMES = (
    *("libllama.so", "libggml.so", "libggml-base.so", "libggml-cpu.so", "libmtmd.so", "libgomp.so.1"),
    *("libggml-cpu-x64.so", "libggml-cpu-zen4.so", "libggml-cpu-haswell.so", "libggml-cpu-sapphirerapids.so"),
    *("libggml-cuda.so", "libggml-vulkan.so", "libggml-blas.so", "libggml-rpc.so", "libggml-hip.so"),
)
OUR_NAMES = tuple(name for name in NAMES if name != "libgomp.so.1")  # which a system may well give by such a variable


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes libraries of those names that write a file when somebody loads them."""
    folder = tmp_path_factory.mktemp("foreign")
    source = folder / "foreign.c"
    source.write_text(
        "#include <fcntl.h>\n#include <unistd.h>\n"
        "__attribute__((constructor)) static void run(void) {\n"
        f'    close(open("{folder}/loaded", O_CREAT | O_WRONLY, 0600));\n}}\n'
    )
    made = folder / "foreign.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    for name in OUR_NAMES:
        for place in (folder, folder / "lib", folder / "glibc-hwcaps" / "x86-64-v3", folder / "llama_cpp" / "lib"):
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, place / name)
    return folder


WAYS = {
    "LLAMA_CPP_LIB_PATH": "{0}",
    "LLAMA_CPP_LIB": "{0}/libllama.so",
    "LD_LIBRARY_PATH": "{0}",
    "LD_LIBRARY_PATH with nothing in it": ":",
    "LD_LIBRARY_PATH of several": "/nowhere:{0}/lib:{0}",
    "GGML_BACKEND_PATH": "{0}/libggml-cuda.so",
    "GGML_BACKEND_DIR": "{0}",
    "LD_RUN_PATH": "{0}",
    "LIBRARY_PATH": "{0}",
    "PATH": "{0}:/usr/bin:/bin",
    "HOME": "{0}",
    "TMPDIR": "{0}",
}


@_LINUX
@pytest.mark.parametrize("way", WAYS)
def test_e2_the_program_takes_its_own_libraries(tmp_path: Path, foreign: Path, parrot_model: Path, way: str) -> None:
    # GIVEN libraries of our names where a variable, or the working folder, points
    variable = way.split(" ", maxsplit=1)[0]
    (foreign / "loaded").unlink(missing_ok=True)
    command = [sys.executable, "-m", "desktop", "ask", "hello", "--model", str(parrot_model)]
    # WHEN a model is asked, with an engine's process as it always is
    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path / "data")],
        env=environment({variable: WAYS[way].format(foreign)}),
        cwd=foreign,
        capture_output=True,
        text=True,
        check=False,
    )
    # THEN it answers, and nobody has loaded any of them
    assert (done.returncode, done.stdout) == (0, PARROT_TEXT + "\n"), done.stderr
    assert not (foreign / "loaded").exists()


@_LINUX
@pytest.mark.parametrize("what", ["desktop", "llama_cpp", "sqlite3", "json"])
def test_e2_a_folder_of_that_name_where_it_is_started_is_not_the_program(
    tmp_path: Path, parrot_model: Path, what: str
) -> None:
    # GIVEN packages of those names in the working folder
    here = tmp_path / "here" / what
    here.mkdir(parents=True)
    (here / "__init__.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w')\n")
    # WHEN the engine's process is started from there, as the app does
    code = (
        "import sys\nfrom desktop.__main__ import main\n"
        "sys.exit(main(['ask', 'hello', '--model', sys.argv[1], '--data-dir', sys.argv[2]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(parrot_model), str(tmp_path / "data")],
        env=environment(),
        cwd=here.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, PARROT_TEXT + "\n"), done.stderr
    assert not (tmp_path / "loaded").exists()


# --- E1: what a model, a file or a catalogue says does not speak to a terminal

SPEECH = {
    "a clipboard": "\x1b]52;c;aGk=\x07",
    "a title by ST": "\x1b]0;title\x1b\\",
    "a link": "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "a picture": "\x1bPq#0;2;0;0;0#0~~\x1b\\",
    "C1": "\x9b2J\x9d0;t\x9c\x90q\x9c",
    "another screen": "\x1b[?1049h",
    "an answer of the terminal": "\x1b[6n\x1b[c\x05",
    "backspaces": "rm -rf\x08\x08\x08\x08\x08\x08",
    "other sets of signs": "\x0e\x0f\x1b(0",
    "directions": "\u202e\u2066\u2067\u202d",
    "DEL": "\x7f",
    "lines of Unicode": "\u2028\u2029\x85\x0b\x0c",
}


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
@pytest.mark.parametrize("what", SPEECH)
def test_e1_nothing_of_it_reaches_a_terminal(tmp_path: Path, what: str) -> None:
    said = f"before {SPEECH[what]} after"
    model = make_parrot(tmp_path / "hostile.gguf", said)
    shown = _ask_on_terminal(tmp_path, model)
    body = shown.replace("\r\n", "\n")
    assert all(letter in "\n\t" or letter.isprintable() or letter == "\ufffd" for letter in body), repr(shown)
    assert body.startswith("before ") and body.rstrip().endswith("after")


@pytest.mark.parametrize(
    "where", ["a title of a conversation", "an imported title", "a library", "a message that is searched"]
)
def test_e1_names_of_people_s_things_say_nothing_either(tmp_path: Path, where: str) -> None:
    hostile = "a\x1b]0;t\x07b\x9b2Jc\u202ed"
    data = ("--data-dir", str(tmp_path / "data"))
    if where == "a library":
        folder = tmp_path / "folder"
        folder.mkdir()
        done = [catnap("libraries", "add", str(folder), "--name", hostile, *data), catnap("libraries", "list", *data)]
    else:
        text = "hello wombat " + (hostile if where == "a message" else "")
        title = hostile if where == "an imported title" else "Title"
        document = {"id": "x", "title": title, "messages": [{"role": "user", "text": text}]}
        file = tmp_path / "x.json"
        file.write_text(json.dumps(document))
        done = [catnap("chats", "import", str(file), *data)]
        if where == "a title":
            from contextlib import closing

            from desktop.history.store import History

            with closing(History(tmp_path / "data" / "history.sqlite3")) as history:
                history.rename(history.conversations()[0].id, hostile)
        done += [catnap("chats", "list", *data), catnap("chats", "search", "wombat", *data)]
    for each in done:
        assert each.code == 0, each.err
        for letter in "\x1b\x07\x9b\u202e":
            assert letter not in each.out + each.err


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
@pytest.mark.parametrize(
    "verb", ["models list", "chats list", "chats search", "chats export", "extract", "libraries list"]
)
def test_e1_nor_does_what_is_written_for_programs_where_a_terminal_gets_it(tmp_path: Path, verb: str) -> None:
    # GIVEN names and documents that speak to terminals, with signs that JSON lets through
    hostile = "a\x9b2Jb\x7fc\u202ed\u2028e\x85f"
    data = ("--data-dir", str(tmp_path / "data"))
    model = make_parrot(tmp_path / "parrot.gguf", '{"name": "x"}')
    document = {"id": "x", "title": hostile, "messages": [{"role": "user", "text": f"wombat {hostile}"}]}
    (tmp_path / "x.json").write_text(json.dumps(document))
    (tmp_path / "note.txt").write_text("x")
    (tmp_path / "folder").mkdir()
    assert catnap("chats", "import", str(tmp_path / "x.json"), *data).code == 0
    # WHEN a verb writes JSON, or a table, to a terminal
    named = tmp_path / "folder" / f"{hostile}.txt"
    named.write_text("Somebody is called x.")
    if verb == "models list":
        catnap("models", "import", str(model.rename(tmp_path / f"{hostile}.gguf")), *data)
    elif verb == "libraries list":
        catnap("libraries", "add", str(tmp_path / "folder"), *data)
    words = {
        "chats search": ("chats", "search", "wombat", "--json"),
        "chats export": ("chats", "export"),
        "extract": ("extract", str(named), "--fields", "name", "--model", str(model)),
    }.get(verb, (*verb.split(), "--json"))
    shown = on_terminal(*words, *data)
    # THEN it says what it has to, and the terminal hears nothing
    assert shown and not set(shown) & set("\x9b\x7f\u202e\u2028\x85"), repr(shown)
    if "--json" in words:  # it means the same
        json.loads(shown)

"""FAULTS E, security: each test is named after its row and uses the input that stands there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.gguf.header import read_header
from tests.support.command_line import ROOT, catnap, environment
from tests.support.parrot import make_parrot

# Rewrites the clipboard, the title and the screen of a terminal; C1; a backspace; a mark that turns the direction.
HOSTILE = "a\x1b]52;c;aGk=\x07b\x1b]0;title\x07c\x1b[2Jd\x9b2Je\x08f\u202eg\rh"
SHOWN = "a\ufffd]52;c;aGk=\ufffdb\ufffd]0;title\ufffdc\ufffd[2Jd\ufffd2Je\ufffdf\ufffdg\ufffdh"


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_e1_a_model_does_not_speak_to_the_terminal(tmp_path: Path) -> None:
    # GIVEN a model that says all of that, in tokens that cut sequences and characters up
    model = make_parrot(tmp_path / "hostile.gguf", f"{HOSTILE}\r\n\tkept 你好")
    # WHEN it is asked on a terminal THEN nothing of it reaches the terminal, and line feed and tab do
    assert _ask_on_terminal(tmp_path, model) == f"{SHOWN}\r\n\tkept 你好\r\n"
    # AND a program that reads the answer gets what the model said
    done = catnap("ask", "hi", "--model", str(model), "--data-dir", str(tmp_path / "data"))
    assert done.out == f"{HOSTILE}\r\n\tkept 你好\n"


def test_e1_a_model_s_name_says_nothing_to_a_terminal_anywhere(tmp_path: Path) -> None:
    # GIVEN two files that have such a name inside; the name of one says nothing, that of the other is of the kind, too
    content = make_parrot(tmp_path / "plain.gguf").read_bytes().replace(b"parrot", b"pa\x1b[2J")
    named = tmp_path / ("x\x1b]0;title\x07.gguf" if os.name == "posix" else "x.gguf")
    # THEN neither the list of models nor a sentence, nor the log, carries it
    data = ("--data-dir", str(tmp_path / "data"))
    for file, shown in ((tmp_path / "model.gguf", "pa [2J"), (named, "x ]0;title" if os.name == "posix" else "x")):
        file.write_bytes(content)
        for done in (catnap("models", "import", str(file), *data), catnap("models", "list", *data)):
            assert done.code == 0, done.err
            assert "\x1b" not in done.out + done.err and "\x07" not in done.out + done.err
            assert shown in done.out
    assert "\x1b" not in catnap("ask", "hi", "--model", f"{named}.gone.gguf", *data).err
    assert read_header(named).name == "pa\ufffd[2J"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("way", ["LLAMA_CPP_LIB_PATH", "LD_LIBRARY_PATH", "GGML_BACKEND_PATH", "the working folder"])
def test_e2_the_engine_takes_its_own_libraries(tmp_path: Path, way: str) -> None:
    # GIVEN other libraries of the same names where the environment points
    import importlib.util

    spec = importlib.util.find_spec("llama_cpp")
    assert spec is not None and spec.submodule_search_locations
    own = Path(next(iter(spec.submodule_search_locations))) / "lib"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for library in own.glob("*.so"):
        shutil.copy(library, foreign)
    # WHEN the engine's library is loaded
    code = "from desktop.engine.llama import bindings; bindings.load(); print(open('/proc/self/maps').read())"
    library = next(foreign.glob("libggml-cpu*"), foreign) if way == "GGML_BACKEND_PATH" else foreign
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment({} if " " in way else {way: str(library)}),
        cwd=foreign,
        check=False,
    )
    # THEN those are not in the process
    assert done.returncode == 0, done.stderr
    assert str(own / "libggml-base.so") in done.stdout
    assert str(foreign) not in done.stdout


# --- what the tests above use


def _ask_on_terminal(folder: Path, model: Path) -> str:
    return on_terminal("ask", "hi", "--model", str(model), "--data-dir", str(folder / "data"))


def on_terminal(*words: str) -> str:
    """Returns what a verb writes to a terminal on stdout."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "desktop", *words]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment(), cwd=ROOT
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the last one who had it open has ended
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert process.wait() == 0
    return said.decode()

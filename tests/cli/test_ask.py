"""``catnap ask`` as a process: stdout, stderr, exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import catnap, interrupt, python, start, write_catalog
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S

FIGURES = {
    "answer", "thinking", "model", "finish_reason", "load_s", "prompt_tokens", "reused_tokens", "prompt_tps",
    "generated_tokens", "gen_tps", "ttft_s", "rss_mb", "anon_mb", "threads", "backend",
}  # fmt: skip


@pytest.fixture
def common(tmp_path: Path, parrot_model: Path) -> list[str]:
    """Arguments of most runs: an empty data folder, the parrot."""
    return ["--data-dir", str(tmp_path / "data"), "--model", str(parrot_model)]


def test_answer_on_stdout_figures_on_stderr(common: list[str]) -> None:
    done = catnap("ask", "hello", *common)

    assert (done.code, done.out) == (0, PARROT_TEXT + "\n")
    assert "tokens at" in done.err
    assert done.err.count("\n") == 1


def test_nought_is_automatic_as_in_the_settings(common: list[str]) -> None:
    done = catnap("ask", "hello", "--ctx", "0", "--threads", "0", "--max-tokens", "0", *common)

    assert (done.code, done.out) == (0, PARROT_TEXT + "\n"), done.err


def test_json_has_every_figure(common: list[str], parrot_model: Path) -> None:
    done = catnap("ask", "你好", "--threads", "1", "--json", *common)

    assert done.code == 0, done.err
    assert done.err == ""
    record = done.json
    assert set(record) == FIGURES
    assert record["answer"] == PARROT_TEXT
    assert record["model"] == str(parrot_model)
    assert record["finish_reason"] == "complete"
    assert record["threads"] == 1
    assert record["prompt_tokens"] > len("你好".encode())
    assert record["generated_tokens"] > 10
    assert record["load_s"] > 0
    assert record["ttft_s"] >= record["load_s"]
    assert 10 < record["anon_mb"] <= record["rss_mb"] < 300
    assert record["backend"]


def test_question_from_stdin(common: list[str]) -> None:
    short = catnap("ask", "-", "--json", *common, stdin=b"hi\n").json
    long = catnap("ask", "-", "--json", *common, stdin="这是一个比较长的问题。".encode()).json

    assert short["answer"] == PARROT_TEXT
    # Surrounding white space does not count, everything else does: one token for each byte, and no more.
    assert long["prompt_tokens"] - short["prompt_tokens"] == len("这是一个比较长的问题。".encode()) - len("hi")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_stdin_without_an_end_is_a_sentence(common: list[str]) -> None:
    with Path("/dev/zero").open("rb") as endless:
        process = start(["ask", "-", *common], stdin=endless)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (1, b"")
    assert err == b"catnap: The text on stdin is too long. More than 10 MB.\n"


def test_stdin_that_is_no_text(common: list[str]) -> None:
    done = catnap("ask", "-", *common, stdin=b"caf\xe9")

    assert (done.code, done.out) == (1, "")
    assert "UTF-8" in done.err


def test_arguments_that_are_no_valid_text_do_not_break_it(common: list[str]) -> None:
    process = start(["ask", os.fsdecode(b"caf\xe9"), *common])
    out, _ = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert out.decode() == PARROT_TEXT + "\n"


def test_system_prompt_and_limits_reach_the_engine(common: list[str]) -> None:
    plain = catnap("ask", "hello", "--json", *common).json
    told = catnap("ask", "hello", "--system", "Be brief.", "--max-tokens", "3", "--json", *common).json

    assert told["prompt_tokens"] > plain["prompt_tokens"] + len("Be brief.")
    assert told["generated_tokens"] == 3
    assert told["finish_reason"] == "length"


def test_seed_and_temperature_reach_the_engine(tmp_path: Path, tiny_model: Path) -> None:
    common = ["--data-dir", str(tmp_path), "--model", str(tiny_model), "--max-tokens", "24", "--json"]
    answers = [catnap("ask", "hello", *common, "--temperature", "2", "--seed", seed).json["answer"] for seed in "556"]
    greedy = [catnap("ask", "hello", *common, "--temperature", "0").json["answer"] for _ in range(2)]

    assert answers[0] == answers[1] != answers[2]
    assert greedy[0] == greedy[1]


def test_a_replaced_chat_template_is_told_on_stderr(tmp_path: Path) -> None:
    model = make_parrot(tmp_path / "parrot.gguf", chat_template="{{ 'a' * 10 ** 9 }}")
    done = catnap("ask", "hello", "--data-dir", str(tmp_path / "data"), "--model", str(model))

    assert (done.code, done.out) == (0, PARROT_TEXT + "\n")
    assert done.err.count("the chat template of parrot takes too much time or memory") == 1


def test_question_longer_than_the_context(common: list[str]) -> None:
    done = catnap("ask", "x" * 2000, "--ctx", "512", *common)

    assert (done.code, done.out) == (1, "")
    assert "too long" in done.err
    assert "Traceback" not in done.err


def test_no_model_at_all_names_the_remedy(tmp_path: Path, parrot_model: Path) -> None:
    catalog = write_catalog(tmp_path / "models.json", parrot_model, "http://127.0.0.1:1")
    done = catnap("ask", "hello", "--data-dir", str(tmp_path / "data"), "--catalog", str(catalog))

    assert (done.code, done.out) == (1, "")
    assert "catnap models download parrot" in done.err


def test_an_imported_file_that_is_gone(tmp_path: Path, parrot_model: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(parrot_model.read_bytes())
    data = ["--data-dir", str(tmp_path / "data")]
    assert catnap("models", "import", str(file), *data).code == 0
    file.unlink()

    unnamed, named = catnap("ask", "hello", *data), catnap("ask", "hello", "--model", f"file:{file}", *data)

    assert (unnamed.code, named.code) == (1, 1)
    assert "catnap models list" in unnamed.err
    assert str(file) in named.err


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("qwen2.5-0.5b", "catnap models download qwen2.5-0.5b"),
        ("no-such-model", "no such model"),
        ("missing.gguf", "no such model file"),
        ("~nobody-of-this-name/x.gguf", "no such model file"),
    ],
)
def test_unknown_model(tmp_path: Path, model: str, said: str) -> None:
    done = catnap("ask", "hello", "--data-dir", str(tmp_path), "--model", model)

    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    page = tmp_path / "login.gguf"
    page.write_text("<!DOCTYPE html><html>please log in</html>")
    done = catnap("ask", "hello", "--data-dir", str(tmp_path), "--model", str(page))

    assert (done.code, done.out) == (1, "")
    assert str(page) in done.err
    assert "Traceback" not in done.err


def test_the_only_installed_model_answers(tmp_path: Path, parrot_model: Path) -> None:
    data = ["--data-dir", str(tmp_path)]
    assert catnap("models", "import", str(parrot_model), *data).code == 0

    assert catnap("ask", "hello", *data).out == PARROT_TEXT + "\n"


def test_the_model_of_the_settings_answers(tmp_path: Path, parrot_model: Path, long_parrot_model: Path) -> None:
    data = ["--data-dir", str(tmp_path)]
    for path in (parrot_model, long_parrot_model):
        assert catnap("models", "import", str(path), *data).code == 0
    undecided = catnap("ask", "hello", *data)
    chosen = f'{{"version": 1, "values": {{"model": "file:{long_parrot_model}", "max_tokens": 5}}}}'
    (tmp_path / "settings.json").write_text(chosen)
    decided = catnap("ask", "hello", *data, "--json")

    assert undecided.code == 1
    assert str(parrot_model) in undecided.err
    assert LONG_TEXT.startswith(decided.json["answer"])
    assert decided.json["generated_tokens"] == 5


def test_broken_settings_are_said_and_kept_aside(tmp_path: Path, parrot_model: Path) -> None:
    (tmp_path / "settings.json").write_text("{broken")
    done = catnap("ask", "hello", "--data-dir", str(tmp_path), "--model", str(parrot_model))

    assert (done.code, done.out) == (0, PARROT_TEXT + "\n")
    assert "settings could not be read" in done.err
    assert [path.read_text() for path in tmp_path.glob("settings.broken-*.json")] == ["{broken"]


def test_what_is_there_and_no_file_is_not_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "folder.gguf").mkdir()
    (tmp_path / "loop.gguf").symlink_to("loop.gguf")
    for name, said in (("folder", "This is not a file"), ("loop", "cannot be read"), ("none", "no such model file")):
        done = catnap("ask", "hi", "--model", str(tmp_path / f"{name}.gguf"), "--data-dir", str(tmp_path / "data"))
        assert (done.code, done.out) == (1, "") and said in done.err, done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "  "],
        ["ask", "x", "--ctx", "1"],
        ["ask", "x", "--threads", "-1"],
        ["ask", "x", "--temperature", "hot"],
        ["ask", "x", "--temperature", "nan"],
        ["ask", "x", "--tokens", "3"],
        ["models"],
        ["models", "download"],
        ["--hidden", "doctor"],
        ["--show", "--quit"],
        ["dance"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    done = catnap(*arguments)

    assert (done.code, done.out) == (2, "")
    assert "usage: catnap" in done.err
    assert "Traceback" not in done.err


def test_no_qt_is_imported(common: list[str]) -> None:
    code = f"""
import sys
from desktop.__main__ import main
assert main({["ask", "hello", *common]!r}) == 0
assert main({["models", "list", *common[:2]]!r}) == 0
assert main({["bench", *common, "--json"]!r}) == 0
print([name for name in sys.modules if name.startswith(("PySide6", "shiboken6", "qasync"))])
"""
    done = python(code)

    assert done.code == 0, done.err
    assert done.out.splitlines()[-1] == "[]"


def test_nobody_reads_the_answer(tmp_path: Path, endless_parrot_model: Path) -> None:
    process = start(["ask", "hello", "--data-dir", str(tmp_path), "--model", str(endless_parrot_model)])
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(20)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()

    assert process.wait(PATIENCE_S) == 1
    assert b"Traceback" not in err


@pytest.mark.parametrize("as_json", [False, True])
def test_interrupt_while_answering_keeps_what_was_said(
    tmp_path: Path, endless_parrot_model: Path, as_json: bool
) -> None:
    arguments = ["ask", "hello", "--data-dir", str(tmp_path), "--model", str(endless_parrot_model)]
    master, terminal = os.openpty()  # progress is shown on a terminal only, and it tells when the answer has begun
    try:
        process = start([*arguments, *(["--json"] if as_json else [])], stderr=terminal)
        os.close(terminal)  # so that reading ends when the program does
        assert process.stdout is not None
        seen = b""
        if as_json:
            while b"\r" not in seen:
                seen += os.read(master, 1024)
        else:
            # Not process.stdout.read(): what that reads ahead into its buffer, communicate() would not find any more.
            while len(seen) < 40:
                piece = os.read(process.stdout.fileno(), 40)
                assert piece, "it has ended"
                seen += piece
        code, out, _ = interrupt(process)
    finally:
        os.close(master)

    assert code == 130
    if as_json:
        assert b'"finish_reason": "stopped"' in out
    else:
        text = (seen + out).decode()
        assert len(text) > 20
        # whole, but for the character that was under way
        assert (LONG_TEXT * 100).startswith(text.removesuffix("\n").rstrip("\ufffd"))


def test_interrupt_while_reading(tmp_path: Path, endless_parrot_model: Path) -> None:
    arguments = ["ask", "-", "--ctx", "32768", "--data-dir", str(tmp_path), "--model", str(endless_parrot_model)]
    question = tmp_path / "question.txt"
    question.write_text("so long " * 3500)
    master, terminal = os.openpty()
    try:
        with question.open("rb") as stdin:
            process = start(arguments, stderr=terminal, stdin=stdin)
        os.close(terminal)
        seen = b""
        while b"reading" not in seen:
            seen += os.read(master, 1024)
        code, out, _ = interrupt(process)
    finally:
        os.close(master)

    assert (code, out) == (130, b"\n")


@pytest.mark.parametrize(
    "patch",
    [
        # GIVEN an interrupt while modules are imported, which the import system would swallow
        "import os, signal, desktop.arguments.parsing as m\nm.parse = lambda _: os.kill(os.getpid(), signal.SIGINT)",
        # GIVEN an interrupt inside exec(), which CPython counts as unhandled
        "import desktop.cli.doctor as m\n\ndef run(*a, **k):\n    exec('raise KeyboardInterrupt')\nm.run = run",
    ],
)
def test_interrupt_in_odd_places_is_still_a_quiet_130(tmp_path: Path, patch: str) -> None:
    arguments = ["doctor", "--data-dir", str(tmp_path)]
    done = python(f"{patch}\nimport sys\nfrom desktop.__main__ import main\nsys.exit(main({arguments!r}))")

    assert (done.code, done.err) == (130, "")


def test_help_names_every_verb() -> None:
    done = catnap("--help")

    assert done.code == 0
    assert all(verb in done.out for verb in ("ask", "models", "doctor", "bench", "--quick-ask", "--data-dir"))


def test_version() -> None:
    done = catnap("--version")

    assert done.code == 0
    assert done.out.startswith("catnap ")


def test_the_installed_command_does_the_same(common: list[str]) -> None:
    command = Path(sys.executable).with_name("catnap")
    done = subprocess.run([str(command), "ask", "hello", *common], capture_output=True, timeout=PATIENCE_S, check=False)

    assert (done.returncode, done.stdout.decode()) == (0, PARROT_TEXT + "\n")


def test_what_can_be_computed_needs_no_model(tmp_path: Path) -> None:
    # GIVEN a data folder without any model
    data = ["--data-dir", str(tmp_path / "data")]
    # WHEN sums are asked for
    done = catnap("ask", "17 % of 2,340", *data)
    chinese = catnap("ask", "-", "--json", *data, stdin="25摄氏度是多少华氏度".encode())
    # THEN the results are on stdout, and say that they were computed
    assert (done.code, done.out) == (0, "17 % of 2,340 = 397.8\n")
    assert done.err == "calculated, no model was asked\n"
    assert chinese.code == 0
    assert (chinese.json["answer"], chinese.json["model"]) == ("25摄氏度 = 77华氏度", "calculated")
    assert set(chinese.json) == FIGURES
    # WHEN the model is wanted THEN it is missing
    assert catnap("ask", "17 % of 2,340", "--no-calculate", *data).code == 1


def test_who_names_a_model_asks_that(common: list[str]) -> None:
    assert catnap("ask", "17 % of 2,340", *common).out == PARROT_TEXT + "\n"


def test_the_setting_turns_computing_off(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"version": 1, "values": {"calculate": false}}', encoding="utf-8")
    done = catnap("ask", "17 % of 2,340", "--data-dir", str(data))
    assert (done.code, done.out) == (1, "")

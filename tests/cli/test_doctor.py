"""``catnap doctor`` and ``catnap bench`` as processes; what they look at, in parts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.common.paths import resolve_paths
from desktop.machine.cpu import read_processor
from desktop.settings.store import SettingsStore
from desktop.system.display import TrayPresence, check_display
from tests.support.command_line import ROOT, catnap, environment, python, write_catalog


def test_doctor_knows_this_machine(tmp_path: Path, parrot_model: Path) -> None:
    catnap("models", "import", str(parrot_model), "--data-dir", str(tmp_path))

    report = catnap("doctor", "--json", "--data-dir", str(tmp_path)).json

    assert report["versions"]["llama-cpp-python"] == "0.3.36"
    assert report["versions"]["PySide6-Essentials"] == "6.8.3"
    assert report["build"]["kind"] == "source"
    assert report["cpu"]["model"]
    assert 1 <= report["cpu"]["cores_physical"] <= report["cpu"]["cores_logical"] <= (os.cpu_count() or 1)
    assert 1 <= report["cpu"]["threads"] <= 4
    assert report["backend"]["name"]
    assert Path(report["backend"]["file"]).is_file()
    assert 0 < report["memory"]["available"] <= report["memory"]["total"]
    assert report["disk"]["folder"] == str(tmp_path / "models")
    assert report["disk"]["free"] > 0
    assert [model["path"] for model in report["models"]] == [str(parrot_model)]


@pytest.mark.skipif(sys.platform == "win32", reason="no folder is closed to its owner there")
def test_doctor_says_of_a_folder_that_may_not_be_looked_into_just_that(tmp_path: Path) -> None:
    closed = tmp_path / "data"
    closed.mkdir(mode=0)
    obey = [sys.executable, str(ROOT / "tests" / "support" / "obey_permissions.py"), str(ROOT)]
    command = [*obey, sys.executable, "-m", "desktop", "doctor", "--json", "--data-dir", str(closed)]
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    assert "Permission denied" in str(json.loads(done.stdout)["problems"]), done.stderr


def test_doctor_says_what_is_missing_and_how_to_get_it(tmp_path: Path, parrot_model: Path) -> None:
    catalog = write_catalog(tmp_path / "models.json", parrot_model, "http://127.0.0.1:1")
    arguments = ["--data-dir", str(tmp_path / "data"), "--catalog", str(catalog)]
    done = catnap("doctor", *arguments, env={"QT_QPA_PLATFORM": ""})

    assert done.code == 0
    assert done.err == ""
    assert "! No model is installed.\n  catnap models download parrot\n" in done.out
    assert "! There is no display to show a window on." in done.out
    assert "catnap ask" in done.out


def test_doctor_is_content_where_nothing_is_missing(tmp_path: Path, parrot_model: Path) -> None:
    catnap("models", "import", str(parrot_model), "--data-dir", str(tmp_path))

    done = catnap("doctor", "--data-dir", str(tmp_path), env={"QT_QPA_PLATFORM": "offscreen"})

    assert done.out.endswith("\nNothing is missing.\n")
    assert "\nBuild        source" in done.out


def test_doctor_reports_a_broken_catalogue_instead_of_failing(tmp_path: Path) -> None:
    broken = tmp_path / "models.json"
    broken.write_text("[]")

    report = catnap("doctor", "--json", "--data-dir", str(tmp_path / "data"), "--catalog", str(broken)).json

    assert any(str(broken) in problem["what"] for problem in report["problems"])


def test_doctor_reports_a_missing_engine_instead_of_failing(tmp_path: Path) -> None:
    # GIVEN a package of that name without the library in it, found before the real one
    package = tmp_path / "elsewhere" / "llama_cpp"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    path = os.pathsep.join((str(ROOT), str(package.parent)))

    done = catnap("doctor", "--json", "--data-dir", str(tmp_path / "data"), env={"PYTHONPATH": path})

    assert done.code == 0, done.err
    assert done.json["backend"] is None
    assert any("engine cannot be loaded" in problem["what"] for problem in done.json["problems"])


def test_doctor_tells_the_proxy_without_its_password(tmp_path: Path) -> None:
    proxies = {"https_proxy": "http://anna:secret@proxy.example:3128", "ALL_PROXY": "socks4://bob:hidden@h:1"}
    done = catnap("doctor", "--data-dir", str(tmp_path / "data"), env=proxies)
    assert "http://proxy.example:3128 (environment)" in done.out
    assert "secret" not in done.out + done.err and "hidden" not in done.out + done.err


def test_doctor_starts_no_qt(tmp_path: Path) -> None:
    arguments = ["doctor", "--data-dir", str(tmp_path)]
    code = f"""
import sys
from desktop.__main__ import main
main({arguments!r})
print([name for name in sys.modules if name.startswith("PySide6")])
"""
    assert python(code).out.splitlines()[-1] == "[]"


def test_bench_measures_the_whole_cycle(tmp_path: Path, long_parrot_model: Path) -> None:
    paths = resolve_paths(tmp_path)
    paths.create()
    SettingsStore(paths.settings_file).change(n_ctx=2048)  # automatic depends on the machine
    done = catnap("bench", "--json", "--data-dir", str(tmp_path), "--model", str(long_parrot_model))

    assert (done.code, done.err) == (0, "")
    figures = done.json
    assert figures["generated_tokens"] == 64
    assert figures["n_ctx"] == 2048
    # About the shares of the context that were meant: the text is measured in the model's own tokens.
    assert 0.15 * 2048 < figures["prompt_tokens"] < 0.3 * 2048
    assert 0.35 * 2048 < figures["wake_tokens"] < 0.6 * 2048
    # With the state of the conversation only the new message is read, and nothing of it stays on the disk.
    assert 0 < figures["wake_tokens"] - figures["wake_reused_tokens"] < 64
    assert not [file for file in paths.cache.rglob("*") if file.is_file()]
    for key in ("load_s", "ttft_s", "prompt_tps", "gen_tps", "wake_s", "reread_s"):
        assert figures[key] > 0
    for moment in ("before", "loaded", "after"):
        assert 0 < figures[f"anon_{moment}_mb"] <= figures[f"rss_{moment}_mb"]
    assert figures["rss_loaded_mb"] > figures["rss_before_mb"]


def test_bench_for_people(tmp_path: Path, parrot_model: Path) -> None:
    done = catnap("bench", "--data-dir", str(tmp_path), "--model", str(parrot_model))

    assert done.code == 0
    for row in (
        "loading",
        "reading",
        "answering",
        "first word after sleep",
        "first word if nothing were kept",
        "memory asleep",
    ):
        assert f"\n{row} " in done.out


def test_no_session_means_the_tray_cannot_be_checked() -> None:
    display = check_display({})

    assert display.kind == "none"
    assert display.problem is not None
    assert display.tray is TrayPresence.UNKNOWN


def test_a_display_that_does_not_answer_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    display = check_display({"DISPLAY": ":4711", "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/bus"})

    assert (display.kind, display.address) == ("x11", ":4711")
    assert display.problem is not None
    assert display.tray is TrayPresence.UNKNOWN


INTEL = """\
processor\t: 0
model name\t: Intel(R) Core(TM) i5-520M
flags\t\t: fpu sse4_1 sse4_2 aes

processor\t: 1
model name\t: other
flags\t\t: avx
"""
ARM = """\
processor : 0
Features : fp asimd asimddp
Model : Raspberry Pi 5
"""


@pytest.mark.parametrize(
    ("cpuinfo", "name", "features"),
    [
        (INTEL, "Intel(R) Core(TM) i5-520M", ("sse4_1", "sse4_2")),
        (ARM, "Raspberry Pi 5", ("asimd", "asimddp")),
    ],
)
def test_processor_of_other_machines(tmp_path: Path, cpuinfo: str, name: str, features: tuple[str, ...]) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(cpuinfo)

    processor = read_processor(file)

    assert (processor.name, processor.features) == (name, features)


def test_processor_that_nothing_is_said_about(tmp_path: Path) -> None:
    assert read_processor(tmp_path / "missing").name == os.uname().machine

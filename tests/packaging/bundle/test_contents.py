"""What goes into the bundle (packaging/bundle/contents.py) and what is said about it."""

from __future__ import annotations

import os
import runpy
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from bundle import contents, report
from bundle.icons import write_icns, write_ico
from bundle.identity import read_identity
from PyInstaller.archive.writers import ZlibArchiveWriter
from PyInstaller.loader.pyimod01_archive import ZlibArchiveReader

from desktop import __version__

ROOT = Path(__file__).parents[3]
QT = "PySide6/Qt"


@pytest.mark.parametrize(
    "name",
    [
        f"{QT}/plugins/platforms/libqxcb.so",
        f"{QT}/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/plugins/platforms/qwindows.dll",
        f"{QT}/plugins/platforms/libqcocoa.dylib",
        f"{QT}/translations/qtbase_zh_CN.qm",
        f"{QT}/lib/libQt6Core.so.6",
        "resources/translations/catnap_zh_CN.qm",
        "llama_cpp/lib/libllama.so",
        "libxcb-cursor.so.0",
        "PySide6_Essentials-6.8.3.dist-info/METADATA",
    ],
)
def test_used_files_stay(name: str) -> None:
    assert contents.is_wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        f"{QT}/plugins/platformthemes/libqgtk3.so",
        f"{QT}/plugins/tls/libqopensslbackend.so",
        f"{QT}/plugins/xcbglintegrations/libqxcb-glx-integration.so",
        "PySide6/plugins/tls/qschannelbackend.dll",
        f"{QT}/translations/qtbase_de.qm",
        f"{QT}/translations/qt_zh_CN.qm",
        f"{QT}/qml/QtQuick/libqtquick2plugin.so",
        "libfontconfig.so.1",
        "libX11.so.6",
        "catnap-0.1.0.dist-info/METADATA",
        "llama_cpp_python-0.3.36.dist-info/direct_url.json",
        "markupsafe-3.0.4.dist-info/METADATA",
    ],
)
def test_unused_files_go(name: str) -> None:
    assert not contents.is_wanted(name)


def test_a_library_stays_only_while_something_links_to_it() -> None:
    # GIVEN a plugin that goes and one that stays, each with libraries, one of them in common
    links = {
        "/qt/QtCore.so": ["libQt6Core.so.6", "libc.so.6"],
        "/qt/libqxcb.so": ["libXcbQpa.so.6", "libQt6Core.so.6"],
        "/qt/libXcbQpa.so.6": ["libxcb-util.so.1"],
        "/qt/libqgtk3.so": ["libgtk.so", "libxcb-util.so.1"],
        "/qt/libgtk.so": ["libpango.so"],
    }
    entries = [
        ("PySide6/QtCore.so", "/qt/QtCore.so", "EXTENSION"),
        (f"{QT}/lib/libQt6Core.so.6", "/qt/libQt6Core.so.6", "BINARY"),
        (f"{QT}/plugins/platforms/libqxcb.so", "/qt/libqxcb.so", "BINARY"),
        (f"{QT}/lib/libXcbQpa.so.6", "/qt/libXcbQpa.so.6", "BINARY"),
        (f"{QT}/plugins/platformthemes/libqgtk3.so", "/qt/libqgtk3.so", "BINARY"),
        ("libgtk.so", "/qt/libgtk.so", "BINARY"),
        ("libpango.so", "/qt/libpango.so", "BINARY"),
        ("libxcb-util.so.1", "/usr/lib/libxcb-util.so.1", "BINARY"),
        ("llama_cpp/lib/libggml-cpu-x64.so", "/llama/libggml-cpu-x64.so", "BINARY"),
        ("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0", "BINARY"),
    ]

    # WHEN what is unused is dropped
    kept = [name for name, _, _ in contents.without_unused(entries, lambda path: links.get(path, []))]

    # THEN GTK is gone with all that only it needs
    assert [name for name, _, _ in entries if name not in kept] == [
        f"{QT}/plugins/platformthemes/libqgtk3.so",
        "libgtk.so",
        "libpango.so",
    ]


def test_links_to_what_is_gone_go() -> None:
    binaries = [(f"{QT}/lib/libQt6Core.so.6", "/x", "BINARY"), ("llama_cpp/lib/libggml.so", "/y", "BINARY")]
    datas = [
        ("libQt6Core.so.6", f"{QT}/lib/libQt6Core.so.6", "SYMLINK"),
        ("libQt6Qml.so.6", f"{QT}/lib/libQt6Qml.so.6", "SYMLINK"),
        ("libggml.so", "llama_cpp/lib/libggml.so", "SYMLINK"),
        ("models.json", "/z/models.json", "DATA"),
        (f"{QT}/translations/qtbase_de.qm", "/z/qtbase_de.qm", "DATA"),
    ]
    assert [name for name, _, _ in contents.useful_data(datas, binaries)] == ["libQt6Core.so.6", "models.json"]


def test_everything_that_the_program_looks_for_is_data() -> None:
    files = {f"{folder}/{Path(file).name}" for file, folder in contents.data_files(ROOT)}

    icons = {f"resources/icons/{path.name}" for path in (ROOT / "resources" / "icons").glob("*.svg")}
    assert icons
    assert {"./models.json", "./LICENSE", "resources/translations/catnap_zh_CN.qm", *icons} <= files
    assert not any(name.endswith((".png", ".ts")) for name in files)


def test_what_compiled_modules_import_is_named() -> None:
    named = contents.hidden_modules()
    assert {"zeroconf", "zeroconf.asyncio", "zeroconf._services.browser"} <= set(named)
    assert len(named) == len(set(named))


def test_an_incomplete_checkout_makes_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"models\.json"):
        list(contents.data_files(tmp_path))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="objdump reads ELF")
def test_linked_names_are_the_file_s_own() -> None:
    import _ctypes

    names = contents.linked_names(_ctypes.__file__)
    assert any(name.startswith("libffi") for name in names)


def test_what_the_user_had_in_the_library_path_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = str(ROOT / "packaging" / "bundle" / "runtime_hook.py")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    runpy.run_path(hook)
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/lib"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ

    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal")
    runpy.run_path(hook)
    assert "LD_LIBRARY_PATH" not in os.environ


def test_the_version_is_the_program_s() -> None:
    identity = read_identity(ROOT)
    assert identity.version == __version__
    assert identity.info_plist()["CFBundleShortVersionString"] == __version__


def test_icons_hold_pictures_of_every_size(tmp_path: Path) -> None:
    source = ROOT / "resources" / "icons" / "catnap.svg"

    ico = write_ico(source, tmp_path / "catnap.ico").read_bytes()
    count = struct.unpack_from("<HHH", ico)[2]
    entries = [struct.unpack_from("<BBBBHHII", ico, 6 + 16 * index) for index in range(count)]
    assert [entry[0] or 256 for entry in entries] == [16, 20, 24, 32, 40, 48, 64, 256]
    assert all(ico[offset : offset + 4] == b"\x89PNG" for *_, offset in entries)
    assert entries[-1][-1] + entries[-1][-2] == len(ico)

    icns = write_icns(source, tmp_path / "catnap.icns").read_bytes()
    assert icns[:4] == b"icns"
    assert struct.unpack_from(">I", icns, 4)[0] == len(icns)
    assert icns.count(b"\x89PNG") == 10


def test_report_counts_every_file_once(tmp_path: Path) -> None:
    sizes = {
        "catnap": 100,
        "_internal/PySide6/Qt/lib/libicudata.so.73": 3200,
        "_internal/PySide6/Qt/lib/libQt6Core.so.6": 700,
        "_internal/PySide6/Qt/plugins/platforms/libqxcb.so": 20,
        "_internal/llama_cpp/lib/libggml-cpu-x64.so": 90,
        "_internal/llama_cpp/lib/libllama.so": 400,
        "_internal/libxcb-util.so.1": 5,
        "_internal/libQt6Core.so.6": 0,
    }
    for name, size in sizes.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    (tmp_path / "_internal/libQt6Core.so.6").unlink()
    (tmp_path / "_internal/libQt6Core.so.6").symlink_to("PySide6/Qt/lib/libQt6Core.so.6")

    rows = report.table(tmp_path)

    assert [row.size for row in rows] == [3200, 700, 400, 100, 90, 20, 5]
    assert all(row.files == 1 for row in rows)
    assert rows[0].name.startswith("ICU")
    text = list(report.lines(rows))
    assert text[-1] == "| **unpacked** | **7** | **0.0** |"


def test_a_bundle_over_its_budget_is_a_complaint() -> None:
    assert report.complaint("unpacked", 215_000_000, 215_000_000) == ""
    assert "215.1 MB unpacked; the budget is 215 MB" in report.complaint("unpacked", 215_100_000, 215_000_000)


def test_download_is_smaller_than_what_it_unpacks_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"catnap " * 10_000)
    assert 100 < report.download_size(tmp_path) < 2_000


def test_modules_are_read_also_after_the_program_was_moved(tmp_path: Path) -> None:
    # GIVEN PyInstaller's own archive of modules, in a file that has a second name
    program, running = tmp_path / "catnap", tmp_path / "running"
    code = compile("answer = 42", "greeting.py", "exec")
    ZlibArchiveWriter(str(program), [("greeting", "greeting.py", "PYMODULE")], {"greeting": code})
    running.hardlink_to(program)
    hook = runpy.run_path(str(ROOT / "packaging" / "bundle" / "runtime_hook.py"))
    lasting, plain = ZlibArchiveReader(str(program)), ZlibArchiveReader(str(program))
    # WHEN the program is moved
    hook["outlive_a_move"](lasting, str(running))
    hook["outlive_a_move"](plain, str(tmp_path / "no such file"))
    program.rename(tmp_path / "moved")
    # THEN its modules can be read where the system knows its file by that other name
    names: dict[str, object] = {}
    exec(lasting.extract("greeting"), names)
    assert names["answer"] == 42
    # AND elsewhere it is an import that failed, which can be said, and not the end of the process
    with pytest.raises(ImportError, match="greeting cannot be read"):
        plain.extract("greeting")


def test_what_stays_of_libraries_needs_nothing_that_is_left_out() -> None:
    # GIVEN a Python in which what is left out of the bundle cannot be imported
    program = """
import importlib, sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in sys.argv[1].split()):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
for name in sys.argv[2].split():
    importlib.import_module("pygments.lexers." + name)
from pygments.lexers import get_lexer_by_name
for name in "python js ts c++ java bash html css json yaml toml sql rust go ruby php kotlin swift diff".split():
    get_lexer_by_name(name)
import markdown_it, latex2mathml.converter
markdown_it.MarkdownIt("commonmark").parse("x")
"""
    excluded = " ".join(contents.excluded_modules())
    # WHEN what stays is used THEN nothing is missing
    done = subprocess.run(
        [sys.executable, "-c", program, excluded, " ".join(contents.LEXERS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "pygments.lexers.python" not in excluded and "pygments.lexers.freefem" in excluded


def test_what_latex2mathml_reads_when_it_is_imported_goes_along() -> None:
    # Its signs lie beside its module, and its version in its metadata.
    files = [(Path(file).name, folder) for file, folder in contents.data_files(ROOT)]
    assert ("unimathsymbols.txt", "latex2mathml") in files
    metadata = [f"{folder}/{name}" for name, folder in files if folder.startswith("latex2mathml-")]
    assert len(metadata) == 1 and contents.is_wanted(metadata[0])


def test_what_trains_students_is_whole_as_files(tmp_path: Path) -> None:
    for file, folder in contents.data_files(ROOT):
        if folder.startswith("training-source"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, tmp_path / folder)
    # WHEN all that they import but PyTorch and NumPy is imported from there, by a Python without any package
    script = (
        "import sys; sys.modules.update(dict.fromkeys(('torch', 'numpy'))); "
        "import desktop.student.training.settings, desktop.student.training.curve, desktop.student.sequences; "
        "import desktop.gguf.copying, desktop.gguf.header, desktop.common.atomic_file; "
        "print(desktop.gguf.header.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {script}",
         str(tmp_path / "training-source")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(str(tmp_path))
    # AND nothing imports what does not come along
    for module in (tmp_path / "training-source" / "desktop" / "student" / "training" / "inside").glob("*.py"):
        for line in module.read_text(encoding="utf-8").splitlines():
            if line.startswith("from desktop."):
                name = line.split()[1].replace(".", "/")
                assert (tmp_path / "training-source" / f"{name}.py").is_file(), line

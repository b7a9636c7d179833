"""The bundle's command line: what could be lost on the way from the source into a frozen program."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from desktop import __version__
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver, catnap_command
from tests.support import documents
from tests.support.certificate import SELF_SIGNED
from tests.support.command_line import write_catalog
from tests.support.fault_server import FaultServer, serve
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S


@pytest.fixture
def folder() -> Path:
    """Where the bundle lies."""
    program = Path(catnap_command()[0])
    assert program.name == "catnap", "CATNAP_E2E_COMMAND names no bundle; run `make test-bundle`"
    return program.parent


@pytest.fixture
def parrot(tmp_path: Path) -> Path:
    """A model that says PARROT_TEXT, in a folder that can be served."""
    (tmp_path / "served").mkdir()
    return make_parrot(tmp_path / "served" / "parrot.gguf")


@pytest.fixture
def secure(tmp_path: Path, parrot: Path) -> Iterator[FaultServer]:
    """Serves the parrot through TLS, with a certificate in ``server.pem`` that nobody has signed."""
    certificate = tmp_path / "server.pem"
    certificate.write_text(SELF_SIGNED, encoding="ascii")
    with serve(parrot.parent, certificate) as server:
        yield server


def catnap(*words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the bundle with nothing in its environment but a home and the bare PATH."""
    environment = {"HOME": str(Path.home()), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(env or {})}
    return subprocess.run(
        [*catnap_command(), *words], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def test_no_python_is_at_hand() -> None:
    done = subprocess.run(["sh", "-c", "command -v python3 python cc"], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_doctor_sees_its_own_libraries(folder: Path) -> None:
    done = catnap("doctor", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    report: Any = json.loads(done.stdout)
    assert report["versions"]["catnap"] == __version__
    assert "unknown" not in report["versions"].values()
    backend = Path(report["backend"]["file"])
    assert backend.is_relative_to(folder)
    assert backend.name.startswith("libggml-cpu-")
    assert report["backend"]["score"] > 0
    assert not [each for each in report["backend"]["passed_over"] if each["obstacle"] == "broken"]
    assert backend.with_name("libllama.so").is_file()


def test_version_is_that_of_the_source() -> None:
    done = catnap("--version")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, f"catnap {__version__}", "")


def test_ask_answers(tmp_path: Path, parrot: Path) -> None:
    done = catnap("ask", "你好", "--json", "--model", str(parrot), "--data-dir", str(tmp_path / "data"))

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["answer"] == PARROT_TEXT


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", documents.pdf(["words"])),
        ("a.docx", documents.docx(documents.paragraph("words"))),
        ("a.txt", "您好，这是一个文件。".encode("gb18030")),
        ("b.txt", "Café crème à la mode, déjà vu. L'été dernier, nous étions à la plage.".encode("cp1252")),
    ],
)
def test_ask_reads_a_document(tmp_path: Path, parrot: Path, name: str, content: bytes) -> None:
    file = documents.written(tmp_path, name, content)
    place = ("--model", str(parrot), "--data-dir", str(tmp_path / "data"))
    done = catnap("ask", "hi", "--file", str(file), "--json", *place)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["document"]["characters"] > 4


@pytest.mark.parametrize("way", ["LLAMA_CPP_LIB_PATH", "LD_LIBRARY_PATH"])
def test_it_takes_its_own_libraries_whatever_the_environment_says(
    folder: Path, tmp_path: Path, parrot: Path, way: str
) -> None:
    # GIVEN files of the same names where the environment points, which no program can load
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for library in folder.rglob("llama_cpp/lib/*"):
        (foreign / library.name).write_bytes(b"no library")
    words = ("ask", "hi", "--model", str(parrot), "--data-dir", str(tmp_path / "data"))
    done = catnap(*words, env={way: str(foreign)})
    assert (done.returncode, done.stdout) == (0, f"{PARROT_TEXT}\n"), done.stderr


def test_the_catalogue_came_along(tmp_path: Path) -> None:
    done = catnap("models", "list", "--json", "--data-dir", str(tmp_path / "data"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "qwen" in done.stdout


def test_download_through_tls_that_the_system_trusts(tmp_path: Path, parrot: Path, secure: FaultServer) -> None:
    catalog = write_catalog(tmp_path / "models.json", parrot, secure.url)
    words = ("models", "download", "parrot", "--data-dir", str(tmp_path / "data"), "--catalog", str(catalog))

    refused = catnap(*words)
    trusted = catnap(*words, env={"SSL_CERT_FILE": str(tmp_path / "server.pem")})

    assert refused.returncode == 1
    assert "certificate" in refused.stderr.lower()
    assert "Traceback" not in refused.stderr
    assert trusted.returncode == 0, trusted.stderr
    assert (tmp_path / "data" / "models" / "parrot.gguf").read_bytes() == parrot.read_bytes()


def test_what_looks_for_servers_came_along(tmp_path: Path) -> None:
    done = catnap("servers", "discover", "--data-dir", str(tmp_path))

    # Without a network it may be told that there is none; what was left out would be a traceback.
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
    assert "servers" in done.stderr or done.stdout


def test_wrong_usage_is_a_sentence() -> None:
    done = catnap("--no-such-thing")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_desktop_that_types_with_fcitx(folder: Path, tmp_path: Path, parrot: Path) -> None:
    # GIVEN what Chinese desktops set, and the plugin that speaks to fcitx 5 through the protocol of ibus
    assert list(folder.rglob("libibusplatforminputcontextplugin.so"))
    catalog = write_catalog(tmp_path / "models.json", parrot, "http://127.0.0.1:9")
    with DesktopSession(tmp_path / "desktop") as desktop:
        desktop.environment.update(QT_IM_MODULE="fcitx", GTK_IM_MODULE="fcitx", XMODIFIERS="@im=fcitx")
        driver = CatnapDriver(desktop, catalog)
        driver.start()
        desktop.tray_icon()
        desktop.window("Welcome to Catnap")
        driver.terminate()
        assert driver.wait_end() == 0
        driver.assert_quiet()


def test_the_interface_in_chinese(tmp_path: Path, parrot: Path) -> None:
    catalog = write_catalog(tmp_path / "models.json", parrot, "http://127.0.0.1:9")
    with DesktopSession(tmp_path / "desktop") as desktop:
        driver = CatnapDriver(desktop, catalog, {"language": "zh_CN"})
        driver.start()
        desktop.tray_icon()
        desktop.window("欢迎使用 Catnap")  # the first steps
        driver.terminate()
        assert driver.wait_end() == 0
        driver.assert_quiet()
        assert "translation" not in driver.log()

"""The downloads: what is packed and how, for each system as far as it can be looked at on this one."""

from __future__ import annotations

import plistlib
import re
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from bundle.identity import read_identity
from release import linux, macos, windows
from release.make import sha256, write_sums
from release.timestamp import source_time
from setup.commands import BuildError

from desktop import __version__

ROOT = Path(__file__).parents[3]
IDENTITY = read_identity(ROOT)
WHEN = 1_700_000_000
PACKAGING = ROOT / "packaging"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder that looks like a bundle."""
    folder = tmp_path / "dist" / "catnap"
    (folder / "_internal").mkdir(parents=True)
    (folder / "catnap").write_bytes(b"program")
    (folder / "catnap").chmod(0o755)
    (folder / "_internal" / "library.so").write_bytes(b"library")
    (folder / "_internal" / "link.so").symlink_to("library.so")
    return folder


def pack(bundle: Path, tmp_path: Path, turn: str) -> Path:
    folder = linux.stage(bundle, "1.2.0", tmp_path / turn / "Catnap-1.2.0-linux-x86_64", ROOT)
    return linux.pack(folder, tmp_path / f"{turn}.tar.xz", WHEN)


def test_the_archive_is_complete(bundle: Path, tmp_path: Path) -> None:
    with tarfile.open(pack(bundle, tmp_path, "one")) as archive:
        members = {member.name.partition("/")[2]: member for member in archive.getmembers()}
        top = {member.name.partition("/")[0] for member in archive.getmembers()}
        library = archive.extractfile(members["catnap/_internal/library.so"])
        assert library is not None
        assert library.read() == b"library"
    assert top == {"Catnap-1.2.0-linux-x86_64"}
    assert {"install.sh", "uninstall.sh", "README.txt", "LICENSE", "catnap/catnap", "installer/version"} <= set(members)
    assert members["install.sh"].mode == members["catnap/catnap"].mode == 0o755
    assert members["LICENSE"].mode == 0o644
    assert members["catnap/_internal/link.so"].linkname == "library.so"
    assert {(member.uid, member.gid, member.uname, member.mtime) for member in members.values()} == {(0, 0, "", WHEN)}
    icons = {name for name in members if name.endswith(".png")}
    assert len(icons) == len(linux.ICON_SIZES)


def test_the_same_bundle_gives_the_same_archive(bundle: Path, tmp_path: Path) -> None:
    first = pack(bundle, tmp_path, "first")
    (bundle / "catnap").touch()
    assert sha256(first) == sha256(pack(bundle, tmp_path, "second"))


def test_without_a_bundle_nothing_is_packed(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make build"):
        linux.stage(tmp_path, "1.2.0", tmp_path / "out", ROOT)


def test_sums_are_those_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"a")
    write_sums([tmp_path / "a.zip"], tmp_path / "sums")
    done = subprocess.run(["sha256sum", "--check", "--strict", "sums"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0


def test_the_time_of_a_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert source_time(tmp_path) == WHEN
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH"):
        source_time(tmp_path)


def test_the_zip_of_windows(bundle: Path, tmp_path: Path) -> None:
    name = windows.release_name("1.2.0")
    assert name == "Catnap-1.2.0-windows-x64"
    target = windows.pack_zip(bundle, name, tmp_path / "catnap.zip", 0)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [f"{name}/_internal/library.so", f"{name}/catnap"]
        assert archive.infolist()[0].date_time[0] == 1980
    assert windows.pack_zip(bundle, name, tmp_path / "again.zip", 0).read_bytes() == target.read_bytes()


@pytest.mark.parametrize(("version", "numbers"), [("0.1.0", "0.1.0.0"), ("1.2.3rc4", "1.2.3.0")])
def test_versions_of_windows(version: str, numbers: str) -> None:
    assert windows.version_numbers(version) == numbers


def test_a_version_without_three_numbers() -> None:
    with pytest.raises(BuildError, match="three numbers"):
        windows.version_numbers("1.2")


def test_inno_setup_is_found_where_it_installs_itself(tmp_path: Path) -> None:
    compiler = tmp_path / "Inno Setup 6" / "ISCC.exe"
    compiler.parent.mkdir()
    assert windows.find_compiler({"ProgramFiles(x86)": str(tmp_path), "PATH": ""}) is None
    compiler.touch()
    assert windows.find_compiler({"ProgramFiles(x86)": str(tmp_path), "PATH": ""}) == str(compiler)


# The script of Inno Setup, which nothing here can compile.

SCRIPT = (PACKAGING / "windows" / "catnap.iss").read_bytes()


def sections() -> dict[str, str]:
    text = SCRIPT.decode("utf-8-sig")
    return dict(re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[\w+\]\n|\Z)", text, re.MULTILINE | re.DOTALL))


def test_both_files_are_marked_as_utf8() -> None:
    assert SCRIPT.startswith(b"\xef\xbb\xbf")
    assert (PACKAGING / "windows" / "chinese.isl").read_bytes().startswith(b"\xef\xbb\xbf")


def test_all_that_the_script_wants_is_passed(tmp_path: Path) -> None:
    wanted = set(re.findall(r"\{#(\w+)\}", SCRIPT.decode("utf-8-sig"))) - {"Id"}
    passed = windows.compiler_arguments(IDENTITY, tmp_path, tmp_path, tmp_path, PACKAGING / "x.iss")
    assert {argument[2:].partition("=")[0] for argument in passed if argument.startswith("/D")} == wanted
    assert f"/DVersion={__version__}" in passed
    assert f"/FCatnap-{__version__}-windows-x64-setup" in passed


def test_the_version_stands_nowhere_in_the_script() -> None:
    assert __version__ not in SCRIPT.decode("utf-8-sig")


def test_messages_are_there_in_both_languages() -> None:
    own = sections()["CustomMessages"]
    english, chinese = (set(re.findall(rf"^{language}\.(\w+)=", own, re.MULTILINE)) for language in ("en", "zh"))
    script = SCRIPT.decode("utf-8-sig")
    used = set(re.findall(r"\{cm:(\w+)\}", script)) | set(re.findall(r"CustomMessage\('(\w+)'\)", script))
    assert english == chinese == used


def test_placeholders_are_the_same_in_both_languages() -> None:
    texts: dict[str, list[list[str]]] = {}
    for name, text in re.findall(r"^(?:en|zh)\.(\w+)=(.*)$", sections()["CustomMessages"], re.MULTILINE):
        texts.setdefault(name, []).append(sorted(re.findall(r"%[\dn]", text)))
    assert all(english == chinese for english, chinese in texts.values())


def test_every_file_that_the_script_names_is_in_the_bundle() -> None:
    named = set(re.findall(r"\{app\}\\([\w.]+)", SCRIPT.decode("utf-8-sig")))
    # packaging/bundle/catnap.spec and bundle.py make the first two; PyInstaller the third
    assert named == {"Catnap.exe", "catnap.com", "_internal"}
    assert (PACKAGING / "windows" / "chinese.isl").is_file()
    assert "chinese.isl" in sections()["Languages"]


def test_no_administrator_and_no_answer_by_default() -> None:
    setup = dict(line.split("=", 1) for line in sections()["Setup"].splitlines() if "=" in line)
    assert setup["PrivilegesRequired"] == "lowest"
    assert setup["DefaultDirName"].startswith("{localappdata}")
    assert "Flags: unchecked" in sections()["Tasks"]
    assert 'Parameters: "--quick-ask"' in sections()["Icons"]


def test_the_entry_at_login_comes_and_goes_through_the_program() -> None:
    assert 'Parameters: "autostart on"; Flags: runhidden; Tasks: login' in sections()["Run"]
    assert 'Parameters: "autostart off"' in sections()["UninstallRun"]


# macOS.

KEYS = {"CATNAP_NOTARY_APPLE_ID": "a@b", "CATNAP_NOTARY_TEAM_ID": "T", "CATNAP_NOTARY_PASSWORD": "secret"}


@pytest.mark.parametrize(
    ("signer", "rights"),
    [
        ("Developer ID Application: X", {"allow-unsigned-executable-memory"}),
        (macos.AD_HOC, {"allow-unsigned-executable-memory", "disable-library-validation"}),
    ],
)
def test_no_more_rights_than_needed(signer: str, rights: set[str]) -> None:
    plist = plistlib.loads(macos.entitlements_file(signer, ROOT).read_bytes())
    assert plist == {f"com.apple.security.cs.{right}": True for right in rights}


def test_signing_with_and_without_an_identity(tmp_path: Path) -> None:
    ad_hoc = macos.sign_command(tmp_path, macos.sign_identity({}), None)
    assert ad_hoc == [
        *("codesign", "--force", "--options", "runtime", "--timestamp=none", "--sign", "-", str(tmp_path)),
    ]
    real = macos.sign_command(tmp_path, macos.sign_identity({"CATNAP_SIGN_IDENTITY": "Me"}), tmp_path)
    assert real[4:] == ["--timestamp", "--entitlements", str(tmp_path), "--sign", "Me", str(tmp_path)]


def test_the_notary_is_asked_only_with_all_credentials_and_a_real_signature() -> None:
    assert macos.notary(KEYS) is None
    assert macos.notary({"CATNAP_SIGN_IDENTITY": "Me", **KEYS}) == macos.Notary("a@b", "T", "secret")
    assert macos.notary({"CATNAP_SIGN_IDENTITY": "Me", **KEYS, "CATNAP_NOTARY_PASSWORD": ""}) is None
    assert "secret" not in repr(macos.Notary("a@b", "T", "secret"))


def test_what_is_signed_is_found_inside_out(tmp_path: Path) -> None:
    for name, content in {
        "Catnap.app/Contents/MacOS/catnap": b"\xcf\xfa\xed\xfe...",
        "Catnap.app/Contents/Frameworks/Qt/lib/QtCore.framework/Versions/A/QtCore": b"\xca\xfe\xba\xbe...",
        "Catnap.app/Contents/Resources/models.json": b"{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    assert [path.name for path in macos.machine_code(tmp_path / "Catnap.app")] == ["QtCore", "catnap"]


def test_the_image_of_macos(tmp_path: Path) -> None:
    command = macos.image_command(tmp_path, "Catnap", tmp_path / "c.dmg")
    assert command[:2] == ["hdiutil", "create"]
    assert command[command.index("-format") + 1] == "ULMO"
    assert macos.release_name("1.2.0", "arm64") == "Catnap-1.2.0-macos-arm64"


def test_the_installers_scripts_can_be_run() -> None:
    for name in ("install.sh", "uninstall.sh"):
        assert (PACKAGING / "linux" / name).stat().st_mode & stat.S_IXUSR

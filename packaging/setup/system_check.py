"""Says what the system lacks, in one sentence with the command that installs it. Standard library only.

Usage:
    python packaging setup.system_check test              can the tests run?
    python packaging setup.system_check run --venv DIR    can the app show a window?
    python packaging setup.system_check packages          print the Debian packages of debian-packages.txt
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # there is no installed Catnap yet when this is first run

from desktop.system.libraries import (  # noqa: E402
    QT_LIBRARIES,
    WAYLAND_LIBRARIES,
    XCB_LIBRARIES,
    SystemLibrary,
    can_load,
    install_commands,
    read_os_release,
)

PACKAGES_FILE = ROOT / "packaging" / "debian-packages.txt"

# Where fonts lie on Linux (Debian, Fedora, Arch) and below a home folder.
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


@dataclass(frozen=True)
class Need:
    """Something the system must have.

    Attributes:
        package: Its Debian package.
        kind: What to look for: command, module, library, font or file.
        name: The name to look for.
    """

    package: str
    kind: str
    name: str

    def is_met(self) -> bool:
        """True when the system has it, from whatever package."""
        match self.kind:
            case "command":
                return shutil.which(self.name) is not None
            case "module":
                return importlib.util.find_spec(self.name) is not None
            case "library":
                return can_load(self.name)
            case "font":
                return any(True for folder in _FONT_FOLDERS for _ in folder.rglob(f"{self.name}*"))
            case "file":
                return Path(self.name).exists()
        raise ValueError(f"{PACKAGES_FILE.name}: unknown probe {self.kind!r}")


def read_needs(text: str) -> list[Need]:
    """Parses debian-packages.txt.

    Raises:
        ValueError: A line has not three words.
    """
    needs = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            package, kind, name = words
            needs.append(Need(package, kind, name))
    return needs


def test_complaint(needs: list[Need]) -> str:
    """Returns what `make test` lacks with the command that installs it, or an empty string."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return ""
    what = ", ".join(need.name for need in missing)
    return f"the tests need what this system lacks: {what}. Debian and Ubuntu: " + apt_command(
        [need.package for need in missing]
    )


def apt_command(packages: list[str]) -> str:
    return "sudo apt-get install -y --no-install-recommends " + " ".join(packages)


def display_complaint(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Returns why no window can be shown here, or an empty string."""
    if not platform.startswith("linux") or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return ""
    if environment.get("QT_QPA_PLATFORM") not in (None, "", "xcb", "wayland"):
        return ""
    return (
        "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); "
        "`make demo` shows Catnap at work without one."
    )


def missing_sonames(linker_output: str) -> list[str]:
    """Returns the libraries that ``ldd`` could not find, each once."""
    found = (line.split()[0] for line in linker_output.splitlines() if line.rstrip().endswith("not found"))
    return list(dict.fromkeys(found))


def library_complaint(missing: list[str], os_release: str) -> str:
    """Returns which packages bring the missing libraries, or an empty string."""
    if not missing:
        return ""
    known = {library.soname: library for library in (*QT_LIBRARIES, *XCB_LIBRARIES, *WAYLAND_LIBRARIES)}
    libraries = [known.get(soname, SystemLibrary(soname, "", "", "")) for soname in missing]
    text = f"Qt cannot show windows here, since the system lacks {', '.join(missing)}."
    return "\n  ".join((text, *install_commands(libraries, os_release)))


def qt_linker_output(venv: Path) -> str:
    """Returns what ``ldd`` says about Qt's xcb platform plugin; empty where that question makes no sense."""
    plugins = list(venv.glob("lib/python3*/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so"))
    linker = shutil.which("ldd")
    if not plugins or linker is None:
        return ""
    return subprocess.run([linker, str(plugins[0])], capture_output=True, text=True, check=False).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("test", "run", "packages"))
    parser.add_argument("--venv", type=Path, default=Path(".venv"))
    arguments = parser.parse_args()
    needs = read_needs(PACKAGES_FILE.read_text(encoding="utf-8"))
    if arguments.what == "packages":
        print("\n".join(need.package for need in needs))
        return 0
    if arguments.what == "test":
        complaint = test_complaint(needs) if sys.platform.startswith("linux") else ""
    else:
        complaint = display_complaint(os.environ)
        if not complaint and os.environ.get("DISPLAY"):
            complaint = library_complaint(missing_sonames(qt_linker_output(arguments.venv)), read_os_release())
    if complaint:
        print(complaint, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

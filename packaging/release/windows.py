"""The Windows downloads: a .zip that runs where it is unpacked, and a set-up program made with Inno Setup."""

from __future__ import annotations

import os
import re
import shutil
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bundle.icons import write_ico
from bundle.identity import Identity
from bundle.report import files_of
from setup.commands import BuildError, run, say

# PySide6 6.8.3 has wheels for x64 only; Windows on ARM runs them too (README.md, "What it needs").
_MACHINE = "x64"


def release_name(version: str) -> str:
    """Returns the name of the downloads without a suffix."""
    return f"Catnap-{version}-windows-{_MACHINE}"


def pack_zip(bundle: Path, name: str, target: Path, when: int) -> Path:
    """Packs a bundle under a folder of its own; the same bundle gives the same file.

    Args:
        bundle: What ``make build`` made.
        name: Of the folder in it.
        target: The .zip to write; it appears whole or not at all.
        when: The time of each file, in seconds since 1970; a .zip knows none before 1980.
    """
    moment = time.gmtime(max(when, 315_532_800))[:6]
    unfinished = target.with_name(f"{target.name}.part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files_of(bundle):
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(bundle).as_posix()}", moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return unfinished.replace(target)


def find_compiler(environment: Mapping[str, str]) -> str | None:
    """Returns Inno Setup's compiler, None where it is not installed."""
    folders = [environment.get(name) for name in ("ProgramFiles(x86)", "ProgramFiles", "LOCALAPPDATA")]
    places = [
        Path(folder) / below for folder in folders if folder for below in ("Inno Setup 6", "Programs/Inno Setup 6")
    ]
    found = [place / "ISCC.exe" for place in places if (place / "ISCC.exe").is_file()]
    return str(found[0]) if found else shutil.which("ISCC", path=environment.get("PATH"))


def compiler_arguments(identity: Identity, bundle: Path, icon: Path, output: Path, script: Path) -> list[str]:
    """Returns what the compiler is told: all that the script does not know by itself."""
    return [
        "/Qp",
        f"/DVersion={identity.version}",
        f"/DNumbers={version_numbers(identity.version)}",
        f"/DPublisher={identity.owner}",
        f"/DBundle={bundle}",
        f"/DIcon={icon}",
        f"/O{output}",
        f"/F{release_name(identity.version)}-setup",
        str(script),
    ]


def version_numbers(version: str) -> str:
    """Returns a version as Windows has it in a file's properties: four numbers; "1.2.0rc1" has the ones of "1.2.0".

    Raises:
        BuildError: It does not begin with three numbers.
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        raise BuildError(f"{version!r} is no version of three numbers")
    return ".".join((*found.groups(), "0"))


def make(identity: Identity, bundle: Path, dist: Path, root: Path, when: int) -> list[Path]:
    """Makes the downloads and returns them; without Inno Setup the .zip only, which is said.

    Raises:
        BuildError: The set-up could not be compiled; why is in the text.
    """
    name = release_name(identity.version)
    made = [pack_zip(bundle, name, dist / f"{name}.zip", when)]
    compiler = find_compiler(os.environ)
    if compiler is None:
        say("Inno Setup 6 is not installed, so there is no set-up program: https://jrsoftware.org/isinfo.php")
        return made
    icon = write_ico(root / "resources" / "icons" / "catnap.svg", root / "build" / "catnap.ico")
    script = root / "packaging" / "windows" / "catnap.iss"
    run([compiler, *compiler_arguments(identity, bundle.absolute(), icon.absolute(), dist.absolute(), script)])
    return [*made, dist / f"{name}-setup.exe"]

"""Who the program is, for every place of the bundle that says so; read from ``desktop/__init__.py``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.icons import write_icns, write_ico

# PySide6 6.8's own lower bound (README.md, "What it needs").
_OLDEST_MACOS = "12.0"


@dataclass(frozen=True)
class Identity:
    """The program's name, version and owner.

    Attributes:
        version: ``desktop.__version__``.
        identifier: ``desktop.IDENTIFIER``, a name in reverse-DNS form, as macOS wants it.
    """

    version: str
    identifier: str
    name: str = "Catnap"
    summary: str = "A small language model in the tray of an old laptop, asleep until somebody asks."
    owner: str = "The Catnap contributors"

    def icon(self, root: Path) -> str | None:
        """Draws the program's icon in the format of this system and returns the file; None on Linux, which takes SVG.

        Args:
            root: The checkout; the file goes below its ``build`` folder.
        """
        source = root / "resources" / "icons" / "catnap.svg"
        if sys.platform == "win32":
            return str(write_ico(source, root / "build" / "catnap.ico"))
        if sys.platform == "darwin":
            return str(write_icns(source, root / "build" / "catnap.icns"))
        return None

    def windows_version(self) -> Any:
        """Returns the version resource that Windows shows in a program's properties. On Windows only."""
        from PyInstaller.utils.win32 import versioninfo

        numbers = (*(int(part) for part in self.version.split(".")[:3]), 0)
        strings = {
            "CompanyName": self.owner,
            "FileDescription": self.name,
            "FileVersion": self.version,
            "InternalName": self.name,
            "LegalCopyright": f"MIT, {self.owner}",
            "ProductName": self.name,
            "ProductVersion": self.version,
        }
        table = versioninfo.StringTable("040904B0", [versioninfo.StringStruct(*item) for item in strings.items()])
        translation = versioninfo.VarStruct("Translation", [0x0409, 1200])
        return versioninfo.VSVersionInfo(
            ffi=versioninfo.FixedFileInfo(filevers=numbers, prodvers=numbers),
            kids=[versioninfo.StringFileInfo([table]), versioninfo.VarFileInfo([translation])],
        )

    def info_plist(self) -> dict[str, object]:
        """Returns what macOS reads about the program before it starts it."""
        return {
            "CFBundleDisplayName": self.name,
            "CFBundleShortVersionString": self.version,
            "LSMinimumSystemVersion": _OLDEST_MACOS,
            "NSHighResolutionCapable": True,
            "NSHumanReadableCopyright": f"MIT, {self.owner}",
        }


def read_identity(root: Path) -> Identity:
    """Returns the identity of the checkout at ``root``, without importing the program."""
    scope: dict[str, Any] = {}
    exec((root / "desktop" / "__init__.py").read_text(encoding="utf-8"), scope)
    return Identity(version=scope["__version__"], identifier=scope["IDENTIFIER"])

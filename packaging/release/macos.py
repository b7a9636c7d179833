"""The macOS download: a signed Catnap.app in a .dmg; notarised where Apple's credentials are given.

An identity comes from the environment: ``CATNAP_SIGN_IDENTITY`` (a Developer ID in the keychain; else the signature is
ad hoc, which runs, but Gatekeeper asks people to confirm it), and for the notary ``CATNAP_NOTARY_APPLE_ID``,
``CATNAP_NOTARY_TEAM_ID`` and ``CATNAP_NOTARY_PASSWORD``.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bundle.identity import Identity
from setup.commands import run, say

AD_HOC = "-"
# First bytes of a program or library: Mach-O for 64 bit, and a file with several of them.
_MAGIC = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


@dataclass(frozen=True)
class Notary:
    """Who asks Apple to look at the download.

    Attributes:
        apple_id: The account.
        team_id: Its team.
        password: One for this purpose only (an "app-specific password").
    """

    apple_id: str
    team_id: str
    password: str = field(repr=False)


def release_name(version: str, machine: str | None = None) -> str:
    """Returns the name of the download without a suffix; ``machine`` is "arm64" or "x86_64", None: this one."""
    return f"Catnap-{version}-macos-{machine or platform.machine()}"


def sign_identity(environment: Mapping[str, str]) -> str:
    """Returns whose signature it will be."""
    return environment.get("CATNAP_SIGN_IDENTITY") or AD_HOC


def notary(environment: Mapping[str, str]) -> Notary | None:
    """Returns the credentials for Apple's notary; None unless all are given and the signature is not ad hoc."""
    values = [environment.get(f"CATNAP_NOTARY_{name}", "") for name in ("APPLE_ID", "TEAM_ID", "PASSWORD")]
    return Notary(*values) if all(values) and sign_identity(environment) != AD_HOC else None


def machine_code(app: Path) -> Iterator[Path]:
    """Yields the programs and libraries in an app, the deepest first: a signature covers what lies below it."""
    files = (path for path in app.rglob("*") if path.is_file() and not path.is_symlink())
    for path in sorted(files, key=lambda path: (-len(path.parts), str(path))):
        with path.open("rb") as file:
            if file.read(4) in _MAGIC:
                yield path


def sign_command(path: Path, identity: str, entitlements: Path | None) -> list[str]:
    """Returns the command that signs one file or the whole app, for the hardened runtime.

    Args:
        path: What is signed.
        identity: :func:`sign_identity`.
        entitlements: For a program; a library has none.
    """
    # The time of Apple's server, which the notary wants, is only for those whom Apple knows.
    time = "--timestamp=none" if identity == AD_HOC else "--timestamp"
    rights = [] if entitlements is None else ["--entitlements", str(entitlements)]
    return ["codesign", "--force", "--options", "runtime", time, *rights, "--sign", identity, str(path)]


def entitlements_file(identity: str, root: Path) -> Path:
    """Returns what the program may do under the hardened runtime; more where the signature is ad hoc (ADR 007)."""
    name = "entitlements-ad-hoc.plist" if identity == AD_HOC else "entitlements.plist"
    return root / "packaging" / "macos" / name


def image_command(folder: Path, volume: str, target: Path) -> list[str]:
    """Returns the command that packs a folder as a disk image: ULMO, by lzma, which macOS 10.15 and later read."""
    return [
        *("hdiutil", "create", "-volname", volume, "-srcfolder", str(folder)),
        *("-format", "ULMO", "-fs", "HFS+", "-ov", "-quiet", str(target)),
    ]


def notary_command(image: Path, who: Notary) -> list[str]:
    """Returns the command that sends an image to Apple and waits for the answer."""
    return [
        *("xcrun", "notarytool", "submit", str(image), "--wait", "--timeout", "30m"),
        *("--apple-id", who.apple_id, "--team-id", who.team_id, "--password", who.password),
    ]


def make(identity: Identity, dist: Path, root: Path) -> list[Path]:
    """Signs the app in ``dist``, packs it and returns the image.

    Raises:
        BuildError: One of Apple's tools failed; what it said is in the text.
    """
    app = dist / "Catnap.app"
    signer = sign_identity(os.environ)
    for path in machine_code(app):
        run(sign_command(path, signer, None))
    run(sign_command(app, signer, entitlements_file(signer, root)))
    run(["codesign", "--verify", "--deep", "--strict", str(app)])
    folder = root / "build" / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(app, folder / app.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    image = dist / f"{release_name(identity.version)}.dmg"
    run(image_command(folder, identity.name, image))
    who = notary(os.environ)
    if who is None:
        say("no credentials for Apple's notary: macOS will ask people to confirm that they trust this download")
        return [image]
    run(sign_command(image, signer, None))
    run(notary_command(image, who))
    run(["xcrun", "stapler", "staple", str(image)])
    return [image]

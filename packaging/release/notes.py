"""Writes the notes of a release from CHANGELOG.md, and says which downloads no person has ever run.

Usage:
    python packaging release.notes TAG [FOLDER OF THE DOWNLOADS]

TAG is "v" and the version of ``desktop/__init__.py``; anything else is refused, so that a tag cannot name a version by
which the program does not know itself.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bundle.identity import read_identity
from setup.commands import BuildError, say

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Proof:
    """What is known about a kind of download.

    Attributes:
        pattern: Matches the names of its files.
        proof: What a machine did with it.
        missing: What nobody did; empty: a person runs this kind.
    """

    pattern: str
    proof: str
    missing: str


# Strike a line when a person has installed that download on a computer of that kind, and used it.
NOT_YET_RUN: tuple[Proof, ...] = (
    Proof(
        r"-linux-x86_64\.AppImage$",
        "unpacked by itself, `catnap doctor` and an answer, in the workflow",
        "never mounted through FUSE, on no person's desktop",
    ),
    Proof(
        r"-linux-aarch64\.tar\.xz$",
        "installed, `catnap doctor` and an answer, in the workflow",
        "on no laptop with an ARM processor",
    ),
    Proof(r"-windows-x64\.zip$", "unpacked, `catnap doctor` and an answer, in the workflow", "on no person's Windows"),
    Proof(
        r"-windows-x64-setup\.exe$",
        "installed, started and removed silently, in the workflow",
        "its pages and its Chinese were seen by nobody",
    ),
    Proof(
        r"-macos-arm64\.dmg$",
        "mounted, `catnap doctor` and an answer, in the workflow",
        "on no person's Mac; Gatekeeper's questions were seen by nobody",
    ),
    Proof(
        r"-macos-x86_64\.dmg$",
        "mounted, `catnap doctor` and an answer, in the workflow",
        "on no person's Mac; Gatekeeper's questions were seen by nobody",
    ),
    Proof(
        r"-linux-x86_64\.tar\.xz$",
        "built on AlmaLinux 8, installed on Debian 12 with the end-to-end tests, in the workflow",
        "the same recipe built on Debian 12 was used by people; this build, with its other Python, was not",
    ),
)


def changes(changelog: str, version: str) -> str:
    """Returns the section of a version; that of "Unreleased" where the version has none yet.

    Raises:
        BuildError: There is neither, or it is empty.
    """
    sections: dict[str, str] = dict(
        re.findall(r"^## \[?([^\]\s]+)[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    )
    text = sections.get(version, sections.get("Unreleased", "")).strip()
    if not text:
        raise BuildError(f"CHANGELOG.md says nothing about {version}")
    return text


def not_yet_run(names: Iterable[str]) -> list[str]:
    """Returns a line for each download that no person has run. One of an unknown kind counts as never run at all."""
    lines = []
    for name in sorted(names):
        proof = next((proof for proof in NOT_YET_RUN if re.search(proof.pattern, name)), None)
        if proof is None:
            lines.append(f"- `{name}`: not yet run by anybody or anything.")
        elif proof.missing:
            lines.append(f"- `{name}`: {proof.proof}; {proof.missing}.")
    return lines


def notes(changelog: str, version: str, downloads: Iterable[str]) -> str:
    """Returns the notes in Markdown.

    Args:
        changelog: The text of CHANGELOG.md.
        version: Of the release.
        downloads: Names of what a person may download, without sums and lists.
    """
    missing = not_yet_run(downloads)
    parts = [changes(changelog, version)]
    if missing:
        parts.append(
            "### Not yet run\n\n"
            "Built and tried by machines only. If you run one of these, please tell us how it went.\n\n"
            + "\n".join(missing)
        )
    parts.append(
        "### Check your download\n\n"
        "`sha256sum --check --ignore-missing SHA256SUMS` compares the sums. `gh attestation verify FILE --repo "
        "OWNER/REPOSITORY` shows that the file was built by this repository's workflow. The `.cdx.json` files list "
        "what is inside, with versions and hashes (CycloneDX)."
    )
    return "\n\n".join(parts) + "\n"


def check_tag(tag: str, version: str) -> None:
    """Raises BuildError unless the tag is the version's."""
    if tag != f"v{version}":
        raise BuildError(f"the tag is {tag} and the version in desktop/__init__.py is {version}; they must agree")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tag")
    parser.add_argument("folder", type=Path, nargs="?")
    arguments = parser.parse_args()
    version = read_identity(ROOT).version
    files = arguments.folder.iterdir() if arguments.folder else ()
    downloads = [path.name for path in files if path.suffix in (".xz", ".zip", ".exe", ".dmg", ".AppImage")]
    try:
        check_tag(arguments.tag, version)
        print(notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version, downloads), end="")
    except BuildError as problem:
        say(f"release_notes: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

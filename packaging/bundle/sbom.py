"""Writes what a bundle consists of as CycloneDX 1.6: each product with its version, each file with its hash.

Usage:
    python packaging bundle.sbom [--work build/catnap] FOLDER TARGET
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bundle import report
from bundle.file_owners import Owners, Product, Source, product_of_distribution, read_tables
from bundle.identity import Identity, read_identity
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from release.timestamp import source_time
from setup.commands import BuildError, say

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "catnap"
# Of the bundle's own programs; everything else is below it.
_STARTERS = ("catnap", "catnap.exe", "catnap.com")


def describe(bundle: Path, work: Path, identity: Identity, when: int) -> str:
    """Returns the description of a bundle, as JSON; the same bundle has the same.

    Args:
        bundle: What ``make build`` made.
        work: Where PyInstaller worked on it.
        identity: Of the program.
        when: The time of the release in seconds since 1970.

    Raises:
        BuildError: A file is in the bundle that the tables do not name, or nobody knows whose it is.
    """
    sources = list(read_tables(work))
    content = bundle / "_internal"
    owners = Owners(ROOT, work)
    products: defaultdict[Product | None, list[Source]] = defaultdict(list)
    for source in sources:
        products[owners.of(source)].append(source)
    products[product_of_distribution("pyinstaller")] += []  # its starter is linked into our program
    _require_all_named(content, sources)
    components = [
        _component(product, content, owned)
        for product, owned in sorted(products.items(), key=lambda item: repr(item[0]))
        if product is not None
    ]
    own = Component(
        name=identity.name,
        version=identity.version,
        type=ComponentType.APPLICATION,
        bom_ref="catnap",
        description=identity.summary,
        publisher=identity.owner,
        licenses=[LicenseFactory().make_from_string("MIT")],
        components=_files(content, products[None]) + _starters(bundle),
    )
    bom = Bom(
        components=components,
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, _fingerprint(bundle)),
        metadata=BomMetaData(component=own, timestamp=datetime.fromtimestamp(when, UTC)),
    )
    bom.register_dependency(own, components)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _require_all_named(content: Path, sources: Iterable[Source]) -> None:
    named = {source.place.replace("\\", "/") for source in sources if not source.module}
    there = {file.relative_to(content).as_posix() for file in report.files_of(content)}
    if there != named:
        raise BuildError(
            f"the bundle is not the one that PyInstaller's tables tell of: {', '.join(sorted(there ^ named)[:5])}; "
            "`make build` makes both anew"
        )


def _component(product: Product, content: Path, owned: Iterable[Source]) -> Component:
    modules = [source.place for source in owned if source.module]
    name = product.distribution.partition("-")[0]
    return Component(
        name=product.name,
        version=product.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{product.kind}:{product.name}@{product.version}",
        licenses=[LicenseFactory().make_from_string(product.license)] if product.license else [],
        purl=PackageURL(
            product.kind, name or None, product.name, product.version, {"distro": product.distribution} if name else {}
        ),
        properties=[Property(name="catnap:modules", value=" ".join(sorted(modules)))] if modules else [],
        components=_files(content, owned),
    )


def _files(content: Path, owned: Iterable[Source]) -> list[Component]:
    places = sorted({source.place.replace("\\", "/") for source in owned if not source.module})
    return [_file(content / place, f"_internal/{place}") for place in places]


def _starters(bundle: Path) -> list[Component]:
    there = sorted(path for path in bundle.iterdir() if path.name.lower() in _STARTERS)
    return [_file(path, path.name) for path in there]


def _file(path: Path, place: str) -> Component:
    return Component(
        name=place,
        type=ComponentType.FILE,
        bom_ref=f"file:{place}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(path.read_bytes()).hexdigest())],
    )


def _fingerprint(bundle: Path) -> str:
    """Returns a name that two bundles share when they hold the same."""
    digest = hashlib.sha256()
    for path in report.files_of(bundle):
        digest.update(path.relative_to(bundle).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"catnap-bundle:{digest.hexdigest()}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--work", type=Path, default=WORK)
    arguments = parser.parse_args()
    try:
        text = describe(arguments.folder, arguments.work, read_identity(ROOT), source_time(ROOT))
    except BuildError as problem:
        say(f"sbom: {problem}")
        return 1
    arguments.target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

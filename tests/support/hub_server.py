"""Hugging Face and ModelScope on loopback, as far as their interfaces tell what a repository has and give its files.

with serve_hub(folder) as hub:
    hub.publish("owner/name", {"a-Q4_K_M.gguf": content})
    ...hub.url as a mirror...
    hub.server.script("/api/models/owner/name", Fault(status=429))
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.fault_server import Fault, FaultServer, serve

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """A host with repositories.

    Attributes:
        server: What it stands on: faults are scripted there.
    """

    def __init__(self, server: FaultServer) -> None:
        self.server = server

    @property
    def url(self) -> str:
        return self.server.url

    def publish(
        self,
        repo: str,
        files: Mapping[str, bytes],
        *,
        sizes: bool = True,
        **more: Any,
    ) -> None:
        """Makes a repository, with an answer like that of Hugging Face.

        Args:
            repo: ``owner/name``.
            files: By their paths.
            sizes: Whether sizes and hashes are told with the list; else one has to ask for the tree.
            more: Further keys of the answer, or others in their place.
        """
        siblings: list[dict[str, Any]] = []
        for path, content in files.items():
            place = self.server.folder / repo / "resolve" / COMMIT / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            told = {"size": len(content), "blobId": "b" * 40, "lfs": _lfs(content, "sha256")} if sizes else {}
            siblings.append({"rfilename": path, **told})
        document = {"_id": "1", "id": repo, "modelId": repo, "sha": COMMIT, "private": False, "gated": False}
        document |= {"tags": ["gguf"], "siblings": siblings, **more}
        for suffix in ("", f"/revision/{COMMIT}"):
            self.answer(f"/api/models/{repo}{suffix}", document)

    def publish_tree(self, repo: str, pages: list[Mapping[str, bytes]]) -> None:
        """Answers for the tree of a repository, once for each page."""
        path = f"/api/models/{repo}/tree/{COMMIT}"
        for number, files in enumerate(pages):
            entries = [
                {"type": "file", "oid": "b" * 40, "size": len(content), "path": name, "lfs": _lfs(content, "oid")}
                for name, content in files.items()
            ]
            # The address of the host itself, as a mirror passes it on.
            following = f'<https://huggingface.co{path}?recursive=true&cursor=abc>; rel="next"'
            headers = (("Link", following),) if number < len(pages) - 1 else ()
            body = json.dumps([{"type": "directory", "path": "x"}, *entries]).encode()
            self.server.script(path, Fault(body=body, content_type="application/json", headers=headers))

    def publish_on_modelscope(self, repo: str, files: Mapping[str, bytes]) -> None:
        """Makes a repository, with an answer like that of ModelScope."""
        entries = [{"Name": "folder", "Path": "folder", "Type": "tree", "Size": 0}]
        for path, content in files.items():
            place = self.server.folder / "models" / repo / "resolve" / "master" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            entries.append({"Name": path, "Path": path, "Type": "blob", "Size": len(content), "Sha256": digest})
        self.answer(f"/api/v1/models/{repo}/repo/files", {"Code": 200, "Data": {"Files": entries}, "Success": True})

    def answer(self, path: str, document: object) -> None:
        """Answers a path with JSON from now on."""
        self.server.always(path, Fault(body=json.dumps(document).encode(), content_type="application/json"))


def _lfs(content: bytes, key: str) -> dict[str, object]:
    return {key: hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 135}


@contextlib.contextmanager
def serve_hub(folder: Path) -> Iterator[FakeHub]:
    """Serves an empty hub on a free port of 127.0.0.1 until the block ends.

    Args:
        folder: Where its files lie; made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with serve(folder) as server:
        yield FakeHub(server)

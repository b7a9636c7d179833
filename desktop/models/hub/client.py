"""Asks the hosts in turn what a repository has, and reads the beginning of a file for what only its header tells.

Coroutines for the GUI thread's loop; nothing is stored, and nothing of a repository is ever run.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, urljoin, urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import JsonError, parse_json
from desktop.gguf.header import GgufHeader, read_beginning
from desktop.models.download.failover import Timing, in_thread
from desktop.models.download.mirrors import Address, HubHost, addresses
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.download.responses import Document, Source, SourceError
from desktop.models.hub.links import HubReference
from desktop.models.hub.listing import (
    HubFile,
    HubModel,
    HubRepo,
    UnexpectedAnswer,
    group,
    read_hugging_face,
    read_modelscope,
    read_tree,
)
from desktop.models.hub.places import gated, spec_for
from desktop.models.types import AddedSpec, MirrorKind

# Bytes of one answer: a repository with 10,000 files takes 4 MB.
_MOST: Final = 32_000_000
_PAGES: Final = 50  # of a tree, of 1,000 files each
_NEXT: Final = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')
# Bytes of a file that are read for its header: what says which kind of model it is comes first, the chat template
# after the vocabulary.
_STEPS: Final = (1 << 18, 1 << 23, 1 << 25)
_OTHER_REPO: Final = QT_TRANSLATE_NOOP("Errors", "Check the name on the model's page, or paste the link from there.")

_log = logging.getLogger(__name__)


class HubNetwork(Source, Protocol):
    """A network that files and documents can be had from."""

    async def document(self, url: str, most: int) -> Document:
        """Asks for a text; see :meth:`desktop.models.download.http_client.HttpSource.document`."""


def http_network(timing: Timing, accounts: ProxyAccounts | None = None) -> HubNetwork:
    """Makes the network for real use; called in a worker thread, since loading httpx takes its time.

    Args:
        timing: How patient to be.
        accounts: For proxies that want one; None: nothing is known.
    """
    from desktop.models.download.http_client import open_source

    return open_source(timing.connect, timing.stall, accounts or ProxyAccounts())


@dataclass(frozen=True)
class _Failure:
    """What a host answered in the place of a list; a higher rank says more."""

    rank: int
    error: UserFacingError


class HubClient:
    """Looks into repositories."""

    def __init__(
        self,
        hosts: Callable[[], Sequence[HubHost]],
        timing: Timing | None = None,
        network: Callable[[Timing], HubNetwork] = http_network,
    ) -> None:
        """
        Args:
            hosts: Returns who is asked, the first one first.
            timing: How patient to be.
            network: Makes the network; called in a worker thread.
        """
        self._hosts = hosts
        self._timing = timing or Timing()
        self._make_network = network

    async def look(self, asked: HubReference) -> HubRepo:
        """Returns what a repository has.

        Raises:
            UserFacingError: No host could tell, or it has nothing that could be used.
        """
        hosts = tuple(self._hosts())
        network = await in_thread(self._make_network, self._timing)
        failures: list[_Failure] = []
        try:
            for host in hosts:
                try:
                    found = await self._ask(network, host, asked)
                except SourceError as problem:
                    failures.append(_Failure(1, problem.error))
                except _Refused as problem:
                    failures.append(_Failure(problem.rank, problem.error))
                except UnexpectedAnswer as problem:
                    failures.append(_Failure(2, _unexpected(host, str(problem))))
                else:
                    if found.models:
                        return found
                    failures.append(_Failure(6, _no_gguf(found)))
                _log.info("%s: %s", host.host, failures[-1].error)
        finally:
            await network.aclose()
        raise _summary(failures)

    async def read_header(self, repo: HubRepo, model: HubModel, mirror: str, own_host: str) -> GgufHeader:
        """Reads the beginning of a file, with the size of all its parts: some 256 kB, more where that says too little.

        Args:
            repo: Where it lies.
            model: One that is complete.
            mirror: Value of the setting ``mirror``.
            own_host: Value of the setting ``own_host``.

        Raises:
            UserFacingError: It cannot be read, or is none.
        """
        single = spec_for(repo, model, ()).singles[0]
        network = await in_thread(self._make_network, self._timing)
        problem: UserFacingError | None = None
        try:
            for address in addresses(single, mirror, own_host):
                try:
                    header = await self._beginning(network, address, single, repo, model)
                    return replace(header, file_size=model.size, files=len(model.files))
                except SourceError as failure:
                    problem = problem or failure.error
        finally:
            await network.aclose()
        raise problem or _unexpected(None, model.path)

    async def _beginning(
        self, network: HubNetwork, address: Address, single: AddedSpec, repo: HubRepo, model: HubModel
    ) -> GgufHeader:
        for most in _STEPS:
            data = bytearray()
            async with (
                network.open(address, single, 0, None, min(most, single.size)) as body,
                aclosing(body.chunks) as chunks,
            ):
                async for chunk in chunks:
                    data += chunk
                    if len(data) >= most:
                        break
            header, is_whole = await in_thread(read_beginning, bytes(data[:most]), single.size, Path(model.path))
            if is_whole or header.chat_template or repo.has_template is not None or most >= single.size:
                break
        return header

    async def _ask(self, network: HubNetwork, host: HubHost, asked: HubReference) -> HubRepo:
        repo = quote(asked.repo)
        if host.kind is MirrorKind.MODELSCOPE:
            url = f"{host.base}/api/v1/models/{repo}/repo/files?Revision=master&Recursive=true"
            return read_modelscope(await in_thread(_json, await network.document(url, _MOST), host, asked), asked)
        revision = f"/revision/{quote(asked.revision, safe='')}" if asked.revision else ""
        url = f"{host.base}/api/models/{repo}{revision}?blobs=true"
        found, files, has_sizes = read_hugging_face(
            await in_thread(_json, await network.document(url, _MOST), host, asked), asked
        )
        if has_sizes or not files:
            return found
        told = {file.path: file for file in await self._tree(network, host, found)}
        return replace(found, models=group(found, (told.get(file.path, file) for file in files)))

    async def _tree(self, network: HubNetwork, host: HubHost, repo: HubRepo) -> list[HubFile]:
        url = f"{host.base}/api/models/{quote(repo.repo)}/tree/{quote(repo.revision, safe='')}?recursive=true"
        files: list[HubFile] = []
        for _ in range(_PAGES):
            page = await network.document(url, _MOST)
            files += read_tree(await in_thread(_json, page, host, HubReference(repo.repo)))
            following = _NEXT.search(page.headers.get("link", ""))
            if following is None:
                return files
            # A mirror may write the address of the host that it mirrors: the path counts, the host stays.
            target = urlsplit(urljoin(url, following[1]))
            url = f"{host.base}{target.path}?{target.query}"
        return files


class _Refused(Exception):  # noqa: N818 (never leaves this module)
    def __init__(self, rank: int, error: UserFacingError) -> None:
        super().__init__(str(error))
        self.rank, self.error = rank, error


def _json(document: Document, host: HubHost, asked: HubReference) -> Any:
    if document.status != 200:
        raise _refused(document, host, asked)
    try:
        return parse_json(document.content, _MOST)
    except JsonError as problem:
        raise UnexpectedAnswer(str(problem)) from problem


def _refused(document: Document, host: HubHost, asked: HubReference) -> _Refused:
    """Returns what a status means; Hugging Face says more in X-Error-Code (huggingface_hub, utils/_http.py)."""
    code, where = document.headers.get("x-error-code", ""), f"{host.host}: {asked.repo}"
    if code == "GatedRepo" or (document.status == 403 and code != "RepoNotFound"):
        return _Refused(8, gated(f"{where}."))
    if code == "RevisionNotFound":
        return _Refused(
            5,
            UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The repository does not have this version."),
                f"{where}, {asked.revision}.",
                QT_TRANSLATE_NOOP("Errors", "Leave the version out of the link to get the newest one."),
            ),
        )
    if document.status in (401, 404, 410):
        return _Refused(
            4,
            UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is no such repository, or it is private."), f"{where}.", _OTHER_REPO
            ),
        )
    if document.status == 429:
        return _Refused(
            3,
            UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The server has been asked too often from your network."),
                f"{where}.",
                QT_TRANSLATE_NOOP("Errors", "Try again in some minutes, or choose another mirror in the settings."),
            ),
        )
    return _Refused(
        2,
        UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The server cannot tell what the repository has."),
            f"{where}, {document.status}.",
            QT_TRANSLATE_NOOP("Errors", "Try again later, or choose another mirror in the settings."),
        ),
    )


def _no_gguf(repo: HubRepo) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This repository has no GGUF files."),
        f"{repo.repo}.",
        QT_TRANSLATE_NOOP("Errors", "Look for one that has the same model as GGUF: its name mostly ends in “GGUF”."),
    )


def _unexpected(host: HubHost | None, what: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The server gave an unexpected answer."),
        f"{host.host}: {what}." if host is not None else f"{what}.",
        QT_TRANSLATE_NOOP("Errors", "Check whether your network asks for a login first, or choose another mirror."),
    )


def _summary(failures: list[_Failure]) -> UserFacingError:
    """Returns the failure that says most, with what each host said."""
    if asking := [failure.error for failure in failures if isinstance(failure.error, ProxyAccountNeededError)]:
        return asking[0]  # somebody can be asked
    best = max(failures, key=lambda failure: failure.rank)
    if len(failures) == 1:
        return best.error  # with its values, which can be translated
    details = " ".join(dict.fromkeys(failure.error.detail for failure in failures if failure.error.detail))
    return UserFacingError(best.error.title, details, best.error.remedy)

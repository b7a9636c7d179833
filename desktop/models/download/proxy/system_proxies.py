"""The proxies of the system's settings: Windows, macOS, GNOME and its kin, KDE. Not for the GUI thread.

Qt could tell them on Windows and macOS; on Linux it looks at the environment only, and the command line has no Qt.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from desktop.models.download.proxy.proxies import Proxies, ProxySource, choose, from_environment

# They answer in 20 ms; one that hangs (a bus that does not answer) must not keep a download from beginning.
_SECONDS = 3.0
_DETECTED = "detected"
_log = logging.getLogger(__name__)


def read_proxies(environment: Mapping[str, str] = os.environ) -> Proxies:
    """Returns the proxies in force: those of the environment, else those of the system. Takes up to some seconds."""
    named = from_environment(environment)
    chosen = choose(named)
    if chosen.proxy is None:
        chosen = choose(named, read_system(environment))
    for what, why in chosen.skipped:
        _log.warning("proxy for %s is not used: %s", what, why)
    if chosen.script:
        _log.warning("a script that chooses proxies is not used")
    return chosen


def read_system(environment: Mapping[str, str]) -> ProxySource:
    """Returns what the settings of this system say."""
    try:
        if sys.platform == "win32":
            return from_windows(_registry())
        if sys.platform == "darwin":
            return from_macos(_output_of("/usr/sbin/scutil", "--proxy"))
        desktop = environment.get("XDG_CURRENT_DESKTOP", "").lower()
        if "kde" in desktop:
            folder = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
            return from_kde((folder / "kioslaverc").read_text(encoding="utf-8", errors="replace"), environment)
        if desktop:
            return from_gnome(_output_of("gsettings", "list-recursively", "org.gnome.system.proxy"))
    except (OSError, ValueError, RuntimeError) as problem:
        _log.info("the system does not tell its proxies: %s", type(problem).__name__)
    return ProxySource("system")


def from_windows(values: Mapping[str, object]) -> ProxySource:
    """Returns what the values of ``Internet Settings`` in the registry say."""
    script = str(values.get("AutoConfigURL") or "")
    if not values.get("ProxyEnable"):
        return ProxySource("Windows", script=script)
    given = {}
    for each in str(values.get("ProxyServer") or "").split(";"):
        purpose, equals, address = each.strip().partition("=")
        given[purpose.lower() if equals else "all"] = address if equals else purpose
    addresses = [(purpose, given[purpose]) for purpose in ("https", "all") if given.get(purpose)]
    if socks := given.get("socks"):
        addresses.append(("socks", socks if "://" in socks else f"socks://{socks}"))
    return ProxySource("Windows", tuple(addresses), str(values.get("ProxyOverride") or ""), script)


def from_macos(text: str) -> ProxySource:
    """Returns what ``scutil --proxy`` prints."""
    values = dict(re.findall(r"^\s*(\w+) : (.*?)\s*$", text, re.MULTILINE))
    exceptions = re.findall(r"^\s*\d+ : (\S+)\s*$", text, re.MULTILINE)
    if values.get("ExcludeSimpleHostnames") == "1":
        exceptions.append("<local>")
    addresses = []
    for purpose, name, scheme in (("https", "HTTPS", "http"), ("socks", "SOCKS", "socks")):
        if values.get(f"{name}Enable") == "1" and (host := values.get(f"{name}Proxy")):
            host = f"[{host}]" if ":" in host else host
            addresses.append((purpose, f"{scheme}://{host}:{values.get(f'{name}Port', '')}".removesuffix(":")))
    script = values.get("ProxyAutoConfigURLString", "") if values.get("ProxyAutoConfigEnable") == "1" else ""
    if not script and values.get("ProxyAutoDiscoveryEnable") == "1":
        script = _DETECTED
    return ProxySource("macOS", tuple(addresses), " ".join(exceptions), script)


def from_gnome(text: str) -> ProxySource:
    """Returns what ``gsettings list-recursively org.gnome.system.proxy`` prints."""
    values = {}
    for schema, key, value in re.findall(r"^org\.gnome\.system\.proxy(\S*) (\S+) (.*)$", text, re.MULTILINE):
        values[f"{schema.removeprefix('.')} {key}".strip()] = _gvariant(value)
    mode = values.get("mode")
    if mode == "auto":
        return ProxySource("GNOME", script=str(values.get("autoconfig-url") or _DETECTED))
    if mode != "manual":
        return ProxySource("GNOME")
    addresses = []
    # Older releases leave https empty where one proxy serves all.
    web = "https" if values.get("https host") or values.get("use-same-proxy") is False else "http"
    for purpose, name, scheme in (("https", web, "http"), ("socks", "socks", "socks")):
        host, port = str(values.get(f"{name} host") or ""), values.get(f"{name} port")
        if host:
            host = f"[{host}]" if ":" in host and not host.startswith("[") and "://" not in host else host
            address = host if "://" in host else f"{scheme}://{host}"
            addresses.append((purpose, f"{address}:{port}" if port else address))
    ignored = values.get("ignore-hosts")
    return ProxySource("GNOME", tuple(addresses), " ".join(map(str, ignored)) if isinstance(ignored, list) else "")


def from_kde(text: str, environment: Mapping[str, str]) -> ProxySource:
    """Returns what KDE's ``kioslaverc`` says."""
    import configparser

    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=",))
    try:
        parser.read_string(text)
    except configparser.Error as problem:
        raise ValueError("kioslaverc cannot be read") from problem
    values: Mapping[str, str] = parser["Proxy Settings"] if parser.has_section("Proxy Settings") else {}
    kind = (values.get("ProxyType") or "0").strip()
    if kind in ("2", "3"):
        return ProxySource("KDE", script=(values.get("Proxy Config Script") or "") if kind == "2" else _DETECTED)
    if kind not in ("1", "4") or (values.get("ReversedException") or "").strip() == "true":
        return ProxySource("KDE")
    found = {"https": values.get("httpsProxy") or "", "socks": values.get("socksProxy") or ""}
    exceptions = values.get("NoProxyFor") or ""
    if kind == "4":  # each names a variable of the environment
        found = {purpose: environment.get(name, "") for purpose, name in found.items()}
        exceptions = environment.get(exceptions, "")
    # "http://host 8080" in older releases
    addresses = tuple((purpose, re.sub(r"\s+(?=\d+$)", ":", text.strip())) for purpose, text in found.items() if text)
    return ProxySource("KDE", addresses, exceptions)


def _gvariant(text: str) -> object:
    """Returns a text, number, list of texts or truth in GVariant's writing, which for these is that of Python."""
    import ast

    try:
        plain = re.sub(r"^(?:@\w+|u?int\d+) ", "", text.strip())
        return {"true": True, "false": False}[plain] if plain in ("true", "false") else ast.literal_eval(plain)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _output_of(*command: str) -> str:
    import subprocess

    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False, encoding="utf-8",
            errors="replace",
        )  # fmt: skip
    except subprocess.SubprocessError as problem:
        raise OSError(f"{command[0]} does not answer") from problem
    return done.stdout


def _registry() -> dict[str, object]:
    if sys.platform != "win32":
        return {}
    import winreg

    path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
    values: dict[str, object] = {}
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
        for name in ("ProxyEnable", "ProxyServer", "ProxyOverride", "AutoConfigURL"):
            with contextlib.suppress(OSError):
                values[name] = winreg.QueryValueEx(key, name)[0]
    return values

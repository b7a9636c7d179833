"""What to tell people about proxies."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.download.proxy.proxies import Proxies, Proxy


class ProxyAccountNeededError(UserFacingError):
    """A proxy wants a name and a password, or another one than it was given.

    Attributes:
        proxy: Its address, as :attr:`desktop.models.download.proxy.proxies.Proxy.shown` gives it.
        refused: It did not accept the account it was given.
    """

    def __init__(self, proxy: str, *, refused: bool) -> None:
        """
        Args:
            proxy: See the attribute.
            refused: See the attribute.
        """
        super().__init__(
            QT_TRANSLATE_NOOP("Errors", "The proxy of this network did not accept the name and password.")
            if refused
            else QT_TRANSLATE_NOOP("Errors", "The proxy of this network wants a name and a password."),
            f"{proxy}.",
            QT_TRANSLATE_NOOP("Errors", "Try again and enter them; what was downloaded is kept."),
        )
        self.proxy = proxy
        self.refused = refused


def proxy_wants_account(proxy: Proxy, schemes: Sequence[str], *, refused: bool) -> UserFacingError:
    """Returns what to tell where a proxy wants an account.

    Args:
        proxy: Which.
        schemes: What its Proxy-Authenticate headers say; empty: nothing.
        refused: It was given one.
    """
    names = [scheme.strip().partition(" ")[0].lower() for scheme in schemes if scheme.strip()]
    if names and not any("basic" in scheme.lower() for scheme in schemes):
        return UserFacingError(
            QT_TRANSLATE_NOOP(
                "Errors", "The proxy of this network asks for a kind of sign-in that Catnap does not know."
            ),
            f"{proxy.shown}: {', '.join(dict.fromkeys(names))[:60]}.",
            QT_TRANSLATE_NOOP(
                "Errors",
                "A helper such as cntlm or px can sign in for it; name that as the proxy of this system.",
            ),
        )
    return ProxyAccountNeededError(proxy.shown, refused=refused)


def proxy_unusable(proxies: Proxies, detail: str) -> UserFacingError:
    """Returns what to tell where no proxy can be used, and nobody answers without one.

    Args:
        proxies: What was found.
        detail: Who does not answer.
    """
    if proxies.script:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This system finds its proxy by a script (PAC), which Catnap cannot run."),
            detail,
            QT_TRANSLATE_NOOP(
                "Errors",
                "Ask for the proxy's address, and set it in the system settings or as https_proxy in the environment.",
            ),
        )
    found = " ".join(f"{what}: {why}." for what, why in proxies.skipped)
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The proxy of this system cannot be used."),
        f"{detail} {found}",
        QT_TRANSLATE_NOOP("Errors", "Set an http or socks5 proxy in the system settings or the environment, or none."),
    )

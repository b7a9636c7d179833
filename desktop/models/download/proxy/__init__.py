"""The proxies of a download: which of the system's settings holds for an address, with which account."""

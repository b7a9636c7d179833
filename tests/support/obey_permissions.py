"""Runs a program in a folder so that the permissions of files count for it, also when the superuser runs the tests.

Usage:
    python obey_permissions.py FOLDER COMMAND [ARGUMENTS]
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_CAPBSET_DROP = 24  # linux/prctl.h
_OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH of linux/capability.h


def main() -> None:
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _OVERRIDES:
            # What is taken from the bounding set is lost at the next exec.
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code))
    os.chdir(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()

"""Tests of the bundle in ``dist``. `make test` does not collect them: there may be no bundle yet."""

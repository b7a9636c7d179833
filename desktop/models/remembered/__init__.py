"""What is remembered about model files, so that it need not be found out again: facts, verdicts, checksums."""

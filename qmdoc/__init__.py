"""qmdoc: document control for cellular-therapy programmes, proved from git history alone."""

__version__ = "0.1.0"

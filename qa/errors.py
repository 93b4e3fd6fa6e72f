"""Errors a person can act on: each message says what is wrong and what to do."""


class VerbatimError(Exception):
    """Report a condition the user can mend; its text is one line that names the remedy."""


class BadInput(VerbatimError):
    """Report wrong use: a path, question, filter or option that cannot be honoured."""


class NoIndex(VerbatimError):
    """Report that the index directory holds no published generation."""


class DamagedIndex(VerbatimError):
    """Report that stored bytes are not the bytes that were published."""


class IncompatibleIndex(VerbatimError):
    """Report an index of another root, model, format or passage setting."""


class LockedIndex(VerbatimError):
    """Report that another process is writing the index."""


class ModelError(VerbatimError):
    """Report a model that cannot be found, checked, exported or loaded."""

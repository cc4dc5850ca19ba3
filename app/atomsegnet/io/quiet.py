"""Reader libraries keep their warnings to themselves while a file is read."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet(*logger_names: str) -> Iterator[None]:
    """Drop the warnings that a library raises and logs; what matters is checked by the reader.

    Parameters
    ----------
    *logger_names : str
        The loggers of that library.
    """
    loggers = [logging.getLogger(name) for name in logger_names]
    were_disabled = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, was_disabled in zip(loggers, were_disabled, strict=True):
            logger.disabled = was_disabled

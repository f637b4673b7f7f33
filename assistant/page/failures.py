"""What a reader is told when something fails: known errors as they are, others by a reference into the log."""

import logging
import secrets

from assistant.page.localization import said
from ingest.errors import KhabarError

_log = logging.getLogger(__name__)


def told(error: Exception, language: str) -> str:
    """The message for a reader. What is not one of our errors is logged, and named by its reference."""
    if isinstance(error, KhabarError):
        return str(error)
    reference = secrets.token_hex(4)
    _log.error("unexpected error %s on the page", reference, exc_info=error)
    return said("unexpected", language, reference=reference)

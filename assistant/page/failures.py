"""Turn errors into messages for a reader: Khabar's own errors verbatim, all others as a reference to the log."""

import logging
import secrets

from assistant.page.localization import ui_text
from ingest.errors import KhabarError

_log = logging.getLogger(__name__)


def error_message(error: Exception, language: str) -> str:
    """Return the message for a reader; log an unexpected error under the reference that the message gives."""
    if isinstance(error, KhabarError):
        return str(error)
    reference = secrets.token_hex(4)
    _log.error("unexpected error %s on the page", reference, exc_info=error)
    return ui_text("unexpected", language, reference=reference)

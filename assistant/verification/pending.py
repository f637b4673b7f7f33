"""Check statements with a judge in threads of their own, so that one that waits for its verdict holds up no other."""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial

from assistant.answer import Quote
from assistant.llm.usage import UsageMeter
from assistant.verification.judge import Judge
from assistant.verification.proof import Checked, Fault, check

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """The check of a statement that a judge is asked about.

    Attributes:
        statement: plain text.
        quotes: what it cites.
        deadline: by `time.monotonic`; a later verdict does not count.
        usage: counts what the judge's requests take.
    """

    statement: str
    quotes: tuple[Quote, ...]
    deadline: float
    usage: UsageMeter
    future: Future[Checked]

    @property
    def checked(self) -> Checked:
        """The result; a fault where the judge is late or failed."""
        if not self.future.done():
            return Checked("", self.quotes, Fault("judge", "the judge did not answer in time"))
        if error := self.future.exception():
            log.error("a statement could not be judged: %s", error)
            return Checked("", self.quotes, Fault("judge", "the judge failed"))
        return self.future.result()


def begin_check(judge: Judge, statement: str, quotes: Sequence[Quote]) -> PendingCheck:
    """Begin to check a statement with a judge; see `assistant.verification.check`."""
    usage = UsageMeter()
    pending = PendingCheck(statement, tuple(quotes), time.monotonic() + judge.timeout, usage, Future())

    def work() -> None:
        try:
            pending.future.set_result(check(statement, pending.quotes, supports=partial(judge.supports, usage=usage)))
        except BaseException as error:  # raised again in the thread that waits
            pending.future.set_exception(error)

    threading.Thread(target=work, name="khabar-judge", daemon=True).start()
    return pending


def next_decided(pending: Sequence[PendingCheck], *, waiting: bool) -> int | None:
    """The index of a check that is decided or past its deadline; None if there is none yet.

    Args:
        pending: one or more.
        waiting: wait for the first of them, no longer than until the next deadline.
    """
    while True:
        now = time.monotonic()
        for index, one in enumerate(pending):
            if one.future.done() or one.deadline <= now:
                return index
        if not waiting:
            return None
        wait([one.future for one in pending], min(one.deadline for one in pending) - now, FIRST_COMPLETED)

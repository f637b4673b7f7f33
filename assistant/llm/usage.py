"""Count what the requests for one answer cost."""

import time

from assistant.answer import Usage


class UsageMeter:
    """Adds up the requests, characters, tokens and seconds that a language model takes for one answer."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._requests = self._sent = self._prompt_tokens = self._completion_tokens = 0
        self._seconds = 0.0

    def request_started(self, characters: int) -> None:
        """Count a request and the characters of its prompt."""
        self._started = self._started or time.perf_counter()
        self._requests += 1
        self._sent += characters

    def request_ended(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count the tokens of a request, as the model reports them."""
        self._prompt_tokens += prompt_tokens
        self._completion_tokens += completion_tokens
        self._seconds = self.elapsed

    def add(self, other: "UsageMeter") -> None:
        """Add the counts of a meter that ran at the same time; its seconds are not added."""
        self._started = self._started or other._started
        self._requests += other._requests
        self._sent += other._sent
        self._prompt_tokens += other._prompt_tokens
        self._completion_tokens += other._completion_tokens
        self._seconds = self.elapsed

    @property
    def elapsed(self) -> float:
        """Seconds since the first request; 0 before it."""
        return time.perf_counter() - self._started if self._started else 0.0

    @property
    def usage(self) -> Usage | None:
        """The counts; None if no request was made."""
        if not self._requests:
            return None
        return Usage(self._requests, self._sent, self._prompt_tokens, self._completion_tokens, self._seconds)

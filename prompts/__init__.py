"""What a language model is told: `*.md` are the prompts, `controls.toml` the statements that try a judge.

A prompt is filled in one pass, so what an article calls itself cannot become part of the prompt's own wording.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

__all__ = ["NAMES", "Control", "Prompt", "PromptError", "controls", "prompt"]

NAMES: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"today", "language", "limit", "nothing", "passages", "history", "question"}),
    "judge": frozenset({"language", "sentences", "statement"}),
    "standalone": frozenset({"language", "history", "question"}),
}
"""The prompts and the variables of each."""

_NOTE = re.compile("<!--.*?-->", re.DOTALL)
_PART = re.compile(r"^# (System|User|(?:User|Assistant) in \w+)[ \t]*$", re.MULTILINE)
_ORDER = re.compile(r"(?:System\n)?(?:User in (\w+)\nAssistant in \1\n)*User\n")


class PromptError(ValueError):
    """A prompt's file is missing, or not what its name says."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt for a model, read and checked.

    Attributes:
        parts: each one's role, as "system", "user" or "assistant", its words, and for an example its language.
    """

    parts: tuple[tuple[str, Template, str], ...]

    def filled(self, **variables: str) -> list[tuple[str, str]]:
        """The messages, the question last, with the examples in its language, or in English if there are none.

        What the variables hold is never filled in itself.
        """
        spoken = {language for _, _, language in self.parts}
        language = variables.get("language", "")
        fits = ("", language if language in spoken else "English")
        return [(role, words.substitute(variables)) for role, words, of in self.parts if of in fits]


@dataclass(frozen=True, slots=True)
class Control:
    """A statement of which it is known whether a sentence supports it."""

    statement: str
    sentences: tuple[str, ...]
    supported: bool


def controls(language: str) -> list[Control]:
    """The statements that a judge is tried with: "ar" or "en"."""
    listed = tomllib.loads(resources.files(__name__).joinpath("controls.toml").read_text("utf-8"))[language]
    return [Control(one["statement"], (one["sentence"],), one["supported"]) for one in listed]


def prompt(name: str, folder: Path | None = None) -> Prompt:
    """Read a prompt.

    Args:
        name: one of `NAMES`.
        folder: where the user keeps prompts; what is not there is the program's own.

    Raises:
        PromptError: the folder is none, or the prompt lacks a part or a variable, or has one that is not known.
    """
    if folder is not None and not folder.is_dir():
        raise PromptError(f"{folder} is no folder")
    own = folder / f"{name}.md" if folder else None
    if own and own.is_file():
        return _read(str(own), own.read_text("utf-8"), NAMES[name])
    builtin = resources.files(__name__).joinpath(f"{name}.md")
    return _read(builtin.name, builtin.read_text("utf-8"), NAMES[name])


def _read(source: str, text: str, variables: frozenset[str]) -> Prompt:
    before, *pieces = _PART.split(_NOTE.sub("", text))
    headings = [heading.partition(" in ") for heading in pieces[::2]]
    words = [Template(body.strip()) for body in pieces[1::2]]
    if before.strip() or not _ORDER.fullmatch("".join(f"{heading}\n" for heading in pieces[::2])):
        raise PromptError(
            f'{source}: write it under the headings "# System" and "# User"; '
            'examples come between them, as "# User in English" and "# Assistant in English"'
        )
    if not all(part.is_valid() for part in words):
        raise PromptError(f"{source}: a $ stands for nothing; write $$ for a dollar sign")
    found = {name for part in words for name in part.get_identifiers()}
    if found != variables:
        wrong = [f"${name} is missing" for name in sorted(variables - found)]
        wrong += [f"${name} is not known" for name in sorted(found - variables)]
        raise PromptError(f"{source}: {', '.join(wrong)}")
    return Prompt(tuple((role.lower(), part, of) for (role, _, of), part in zip(headings, words, strict=True)))

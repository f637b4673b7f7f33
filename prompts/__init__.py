"""The prompts of the language models (`*.md`), and the statements that test a judge (`controls.toml`).

A prompt is filled in one pass, so no text of an article can act as a variable of the prompt.
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
"""The prompts, and the variables that each must have."""

_NOTE = re.compile("<!--.*?-->", re.DOTALL)  # for whoever edits the prompt; no model sees it
_PART = re.compile(r"^# (System|User|(?:User|Assistant) in \w+)[ \t]*$", re.MULTILINE)
_ORDER = re.compile(r"(?:System\n)?(?:User in (\w+)\nAssistant in \1\n)*User\n")


class PromptError(ValueError):
    """A folder of prompts does not exist, or a prompt in it is malformed."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt for a language model, parsed and checked.

    Attributes:
        parts: of each message the role ("system", "user" or "assistant"), the text, and the language if it belongs to
            an example, else "".
    """

    parts: tuple[tuple[str, Template, str], ...]

    def filled(self, **variables: str) -> list[tuple[str, str]]:
        """Fill in the variables; their values are never filled in themselves.

        Returns:
            The role and text of each message, the question last. Examples are those in the variable `language`, or
            the English ones if there are none in it.
        """
        language = variables["language"]
        if language not in {example for _, _, example in self.parts}:
            language = "English"
        return [(role, text.substitute(variables)) for role, text, example in self.parts if example in ("", language)]


@dataclass(frozen=True, slots=True)
class Control:
    """A statement that is known to be supported, or not, by its sentences."""

    statement: str
    sentences: tuple[str, ...]
    supported: bool


def controls(language: str) -> list[Control]:
    """Read the statements that test a judge, in "ar" or "en"."""
    tables = tomllib.loads(resources.files(__name__).joinpath("controls.toml").read_text("utf-8"))[language]
    return [Control(table["statement"], (table["sentence"],), table["supported"]) for table in tables]


def prompt(name: str, folder: Path | None = None) -> Prompt:
    """Read a prompt.

    Args:
        name: one of `NAMES`.
        folder: the user's own prompts; one that is not there is the program's.

    Raises:
        PromptError: the folder does not exist, or the prompt lacks a heading or a variable, or has an unknown one.
    """
    if folder is not None and not folder.is_dir():
        raise PromptError(f"{folder} is no folder")
    own = folder / f"{name}.md" if folder else None
    if own and own.is_file():
        return _parse(str(own), own.read_text("utf-8"), NAMES[name])
    builtin = resources.files(__name__).joinpath(f"{name}.md")
    return _parse(builtin.name, builtin.read_text("utf-8"), NAMES[name])


def _parse(source: str, text: str, variables: frozenset[str]) -> Prompt:
    before, *pieces = _PART.split(_NOTE.sub("", text))
    headings, texts = pieces[::2], [Template(body.strip()) for body in pieces[1::2]]
    if before.strip() or not _ORDER.fullmatch("".join(f"{heading}\n" for heading in headings)):
        raise PromptError(
            f'{source}: write it under the headings "# System" and "# User"; '
            'examples come between them, as "# User in English" and "# Assistant in English"'
        )
    if not all(template.is_valid() for template in texts):
        raise PromptError(f"{source}: a $ stands for nothing; write $$ for a dollar sign")
    found = {name for template in texts for name in template.get_identifiers()}
    if found != variables:
        wrong = [f"${name} is missing" for name in sorted(variables - found)]
        wrong += [f"${name} is not known" for name in sorted(found - variables)]
        raise PromptError(f"{source}: {', '.join(wrong)}")
    roles = (heading.partition(" in ") for heading in headings)
    return Prompt(
        tuple((role.lower(), template, language) for (role, _, language), template in zip(roles, texts, strict=True))
    )

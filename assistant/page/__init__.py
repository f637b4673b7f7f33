"""The chat page: a conversation in the browser in which every statement shows its proof.

`build` makes the page of an assistant, `launch` serves it. Importing Gradio takes 5 s, so only these two do it.
"""

from assistant.page.access import Access, access_from_options
from assistant.page.build import Page, build
from assistant.page.server import launch

__all__ = ["Access", "Page", "access_from_options", "build", "launch"]

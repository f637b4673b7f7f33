"""The chat page: a conversation in the browser whose every statement shows its proof.

`build` makes the page of an assistant, `launch` serves it. Gradio is imported only when one of them is called: that
takes 5 s.
"""

from assistant.page.access import Access, access_from_options
from assistant.page.build import Page, build
from assistant.page.server import launch

__all__ = ["Access", "Page", "access_from_options", "build", "launch"]

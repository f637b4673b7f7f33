"""The chat page: a conversation in the browser whose every statement shows its proof.

`build` makes the page of an assistant, `launch` serves it. Gradio is imported when one of them is called: it takes 5 s.
"""

from assistant.page.build import Page, build
from assistant.page.server import Access, access, launch

__all__ = ["Access", "Page", "access", "build", "launch"]

"""Lead links out of docs/ to the repository: the site has only what lies in that folder.

A hook of MkDocs, named in mkdocs.yml.
"""

from __future__ import annotations

import re
from typing import Any

_OUTSIDE = re.compile(r"\]\(\.\./([^)#\s]+)")


def on_page_markdown(markdown: str, config: Any, **_: Any) -> str:
    """Rewrite the links of a page; called by MkDocs.

    Args:
        markdown: text of the page.
        config: the site's, with the address of the repository.
    """
    address = config["repo_url"].rstrip("/")
    return _OUTSIDE.sub(rf"]({address}/blob/main/\1", markdown)

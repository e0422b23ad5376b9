"""Settings of the documentation site: `python -m sphinx -W docs site` builds it with Sphinx."""

import re
from importlib.metadata import version as installed_version

from sphinx.application import Sphinx

project = "sugrm-search"
author = "sugrm-search contributors"
release = version = installed_version("sugrm-search")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# Published copies of runs are linked from results.md; tests/test_repository.py checks that every
# other page is in the navigation.
suppress_warnings = ["toc.not_included"]

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

myst_heading_anchors = 4

autodoc_default_options = {"members": True, "exclude-members": "model_config"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False  # the signature of the class shows the types

# Files of the checkout's top folder; docs/security.md and so on hold them.
_TOP_LINK = re.compile(r"\]\(\.\./((?:CHANGELOG|CONTRIBUTING|SECURITY)\.md)")
_FILE_NAME = re.compile(r"\[(?:docs/)?\w+\.md\]\(")


def adapt_links(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Lead ``../SECURITY.md`` to its page; show titles where links show file names."""
    text = _TOP_LINK.sub(lambda link: f"]({link[1].lower()}", source[0])
    source[0] = _FILE_NAME.sub("[](", text)


def setup(app: Sphinx) -> None:
    """Connect the changes of the pages that a build makes."""
    app.connect("source-read", adapt_links)

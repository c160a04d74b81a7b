"""Sphinx configuration of the manual: `sphinx-build -c . build/manual-src build/manual`, as `qmdoc build` does it.

What the pages say comes from the source folder (`manual.json`); how they look from `templates/manual/`. The settings
below keep the guarantees of `qmdoc.markup`: nothing in an approved text runs, is replaced, or is fetched from elsewhere.
"""

from qmdoc import markup

project = "Manual"
language = "en"
extensions = ["myst_parser", "qmdoc.sphinx_ext"]
exclude_patterns = ["documents/*/**"]
nitpicky = True
highlight_language = "none"

# As signed, so shown: no curly quotes, no substitutions, no syntax beyond the allow-list.
smartquotes = False
myst_enable_extensions = list(markup.MYST_EXTENSIONS)
myst_heading_anchors = 3
myst_url_schemes = dict.fromkeys(markup.LINK_SCHEMES)
# Texts begin at the second level, below the title; a block of code that its language can't read is shown all the same.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

html_theme = "furo"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
html_permalinks = False
html_last_updated_fmt = None
html_show_search_summary = False  # it would fetch pages, which no browser allows where no server answers
pygments_style = "bw"
pygments_dark_style = "native"

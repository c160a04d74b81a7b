"""Whether an output shows what the approved text says: every word, number, sign, unit, list number and table cell.

A renderer that loses a minus sign hurts somebody; so each output is read back and compared before it takes its place.
`expected` reads the source, `page.read` a built page, and `differences` compares the two; `pdf` compares the source with
the letters of a PDF's sheets.
"""

from qmdoc.fidelity.comparing import differences
from qmdoc.fidelity.facts import Difference, Fact, Kind, figures
from qmdoc.fidelity.printed import differences as pdf
from qmdoc.fidelity.source import expected

__all__ = ["Difference", "Fact", "Kind", "differences", "expected", "figures", "pdf"]

"""Records: what was done, as evidence; one kind a file (DESIGN.md §3.4)."""

"""The pages of the manual, one kind of page a file; each is a pure function of the audit."""

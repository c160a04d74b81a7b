"""One written form a file: the audit in, text or bytes out."""

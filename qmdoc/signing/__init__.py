"""Sign-offs: what a statement says, whether its signature is good, and who may sign what (SIGNOFF.md)."""

"""A second opinion on SIGNOFF.md §3-5: a slow, obvious model, compared with the product over random histories."""

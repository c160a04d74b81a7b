"""Fuzzing of everything that reads bytes which anybody may have written: `make fuzz SECONDS=600`."""

"""What a killed run, two runs at once, a full disk or a closed folder leave behind."""

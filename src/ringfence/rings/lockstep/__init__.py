"""The lockstep test: rings whose members take the same items at the same times."""

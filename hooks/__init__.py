"""Where callsafe plugs in: command line, pre-commit, reports. No judgement lives here."""

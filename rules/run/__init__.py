"""About the run itself: ignores, unreadable files, unknown rules."""

"""`python -m callsafe` is the `callsafe` command."""

from callsafe.hooks.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

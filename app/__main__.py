"""`python -m app` is the same as `timesink`."""

from app.cli import main

main()

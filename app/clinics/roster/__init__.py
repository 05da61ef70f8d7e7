"""The roster: how many MAs are to be at work, by half-hour of the clinic's clock. Heads only, never who."""

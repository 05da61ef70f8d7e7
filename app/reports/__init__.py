"""The clinic's own voice beside the observations: what steals time, what became of it, and what a day was like."""

"""The day log: what kind of day it was, as a person of the clinic writes it down. Kept as day items (CONTRACT.md)."""

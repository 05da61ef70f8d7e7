"""The clinic's own list of what can steal time: the tiles of the report page."""

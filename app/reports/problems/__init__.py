"""Problems: what many reports say together, and what became of it. The board is for everybody who may report."""

"""The top three of the week: what stole most time, three picks in order, pooled into a ranking."""

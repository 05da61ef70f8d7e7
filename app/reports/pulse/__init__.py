"""The pulse at the end of a day: how the pace was, whether breaks came, how long one stayed. Pooled only."""

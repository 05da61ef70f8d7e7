"""Workload hours: required against scheduled, by WHO's method WISN (workload indicators of staffing need)."""

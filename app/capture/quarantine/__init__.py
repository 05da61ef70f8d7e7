"""What was kept aside, looked after by people: repaired by a new event, or dismissed. The item itself stays as sent."""

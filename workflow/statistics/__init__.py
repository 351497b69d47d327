"""Tables about persons helped, from which nobody can be counted out."""

"""Readers of what banks send: camt.052/053/054, MT940/MT942, OFX, BAI2, lists as CSV, and pain.002 status reports."""

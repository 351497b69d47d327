"""Who may look at a case and who did: strict cases for named people only, the read log, canary cases that ring."""

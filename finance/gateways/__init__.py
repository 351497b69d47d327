"""The rails that carry money out, each behind the one port of `port.py`. Only a gateway knows its provider."""

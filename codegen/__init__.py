"""The compiler of protocol/: reads the definitions, checks them, writes C tables."""

"""The compiler of api/: reads the D-Bus interfaces, checks them, writes tables, constants and introspection."""

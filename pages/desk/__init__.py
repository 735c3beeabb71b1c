"""The live desk: its chart, tables and holdings."""

"""The live service: processes that share only one folder."""

"""The live service: processes that share one folder and nothing else."""

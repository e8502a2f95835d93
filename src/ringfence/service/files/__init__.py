"""The folder of the service: the name of every file in it, and the status of each process."""

from ringfence.service.files.folder import ServiceFolder
from ringfence.service.files.status import read_status, write_status

__all__ = ["ServiceFolder", "read_status", "write_status"]

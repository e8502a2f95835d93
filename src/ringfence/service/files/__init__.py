"""The folder of the service: the name of every file in it, and the status of each process."""

from ringfence.service.files.fold_turn import awaited_fold_turn, fold_turn
from ringfence.service.files.folder import ServiceFolder
from ringfence.service.files.folder_form import bring_to_form
from ringfence.service.files.status import read_status, write_status
from ringfence.service.files.stored_list import StoredList

__all__ = [
    "ServiceFolder",
    "StoredList",
    "awaited_fold_turn",
    "bring_to_form",
    "fold_turn",
    "read_status",
    "write_status",
]

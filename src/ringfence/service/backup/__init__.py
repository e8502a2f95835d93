"""Copy the folder of a service while it runs, and make a folder from such a copy."""

from ringfence.service.backup.backup_contents import BackupContents
from ringfence.service.backup.restoring import restore
from ringfence.service.backup.writing import BACKUP_STATUS, back_up

__all__ = ["BACKUP_STATUS", "BackupContents", "back_up", "restore"]

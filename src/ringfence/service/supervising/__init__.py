"""Start the processes of the service, watch them, start them again, and stop them."""

from ringfence.service.supervising.ports import check_port
from ringfence.service.supervising.process_table import ServiceProcess
from ringfence.service.supervising.supervisor import ServiceError, Supervisor

__all__ = ["ServiceError", "ServiceProcess", "Supervisor", "check_port"]

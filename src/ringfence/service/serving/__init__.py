"""Parts that all processes of the service share: the lines for an operator, and TLS."""

from ringfence.service.serving.operator_tables import check_table_files
from ringfence.service.serving.service_log import ServiceLog, type_and_place
from ringfence.service.serving.tls_files import tls_files

__all__ = ["ServiceLog", "check_table_files", "tls_files", "type_and_place"]

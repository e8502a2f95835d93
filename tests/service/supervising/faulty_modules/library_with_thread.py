"""A module of a library that starts a thread when it is loaded."""

import threading
import time

threading.Thread(target=time.sleep, args=(600,), daemon=True).start()

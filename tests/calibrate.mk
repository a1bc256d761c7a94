# Calibration: its library and those below.

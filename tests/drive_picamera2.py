"""Run by runtime_clients.py: picamera2's Hailo class, unmodified. Usage: drive_picamera2.py HEF FRAMES.npy RESULTS.npz PICAMERA2"""

import importlib.util
import sys

import numpy as np

hef, frames, results, checkout = sys.argv[1:]
# The file alone: the package around it needs a camera.
spec = importlib.util.spec_from_file_location("hailo", f"{checkout}/picamera2/devices/hailo/hailo.py")
hailo = importlib.util.module_from_spec(spec)
spec.loader.exec_module(hailo)
assert hailo.hailo_architecture() == "HAILO8", hailo.hailo_architecture()

frames, found = np.load(frames), []
with hailo.Hailo(hef) as device:
    assert device.get_input_shape() == frames.shape[1:], device.get_input_shape()
    inputs, outputs = device.describe()
    assert len(inputs) == len(outputs) == 1 and outputs[0][1] == (80, 5, 100), (inputs, outputs)
    for frame in frames:
        for kind, boxes in enumerate(device.run(frame)):
            found += [[kind, *box] for box in boxes]
        found.append([-1] * 6)
with hailo.Hailo(hef, batch_size=2) as device:  # the device can be had again; as a batch
    for frame in device.run(frames):
        for kind, boxes in enumerate(frame):
            found += [[kind, *box] for box in boxes]
        found.append([-1] * 6)
np.savez(results, found=np.array(found, np.float32))

"""Run by runtime_clients.py: the C++ wrapper of hailors, unmodified, through its C functions.

Usage: drive_hailors.py HEF FRAMES.npy RESULTS.npz LIBRARY
"""

import ctypes
import sys

import numpy as np

hef, frames, results, library = sys.argv[1:]
hailors, frames, found = ctypes.CDLL(library), np.load(frames), []


def done(status):
    assert status == 0, f"status {status}"


device, group, inputs, outputs = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.POINTER(ctypes.c_void_p)(), ctypes.POINTER(ctypes.c_void_p)()
input_count, output_count, input_size, output_size = (ctypes.c_size_t() for _ in range(4))
done(hailors.hailors_create_vdevice(ctypes.byref(device)))
done(hailors.hailors_configure_hef(device, hef.encode(), *map(ctypes.byref, (group, inputs, input_count, outputs, output_count,
                                                                           input_size, output_size))))
assert (input_count.value, output_count.value, input_size.value) == (1, 1, frames[0].nbytes)
output = np.empty(output_size.value // 4, np.float32)
for frame in frames:
    done(hailors.hailors_write_input_frame(ctypes.c_void_p(inputs[0]), frame.tobytes(), ctypes.c_size_t(frame.nbytes)))
    done(hailors.hailors_read_output_frame(ctypes.c_void_p(outputs[0]), output.ctypes.data_as(ctypes.c_void_p), output_size))
    at = 0
    for kind in range(80):
        count = int(output[at])
        found += [[kind, *box] for box in output[at + 1:at + 1 + 5 * count].reshape(count, 5)]
        at += 1 + 5 * count
    found.append([-1] * 6)
done(hailors.hailors_infer(group, inputs, input_count, outputs, output_count))
np.savez(results, found=np.array(found, np.float32))

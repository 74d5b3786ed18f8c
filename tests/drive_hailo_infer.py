"""Run by runtime_clients.py: HailoInfer of the Application Code Examples, unmodified.

Usage: drive_hailo_infer.py HEF FRAMES.npy RESULTS.npz EXAMPLES
"""

import sys

import numpy as np

hef, frames, results, checkout = sys.argv[1:]
sys.path.insert(0, f"{checkout}/runtime/python/common")
from hailo_inference import HailoInfer  # noqa: E402

frames, by_frame = np.load(frames), {}


def keep(index, completion_info, bindings_list):
    assert completion_info.exception is None, completion_info.exception
    for offset, bindings in enumerate(bindings_list):
        by_frame[index + offset] = [[kind, *box] for kind, boxes in enumerate(bindings.output().get_buffer()) for box in boxes]


inference = HailoInfer(hef, batch_size=2)
assert inference.get_input_shape() == frames.shape[1:]
for index in range(0, len(frames), 2):
    inference.run(list(frames[index:index + 2]), lambda index=index, **named: keep(index, **named))
inference.close()
np.savez(results, found=np.array([row for index in range(len(frames)) for row in [*by_frame[index], [-1] * 6]], np.float32))

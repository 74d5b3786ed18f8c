"""Run by vendor_bindings.py with one hailo_platform or another on the path: a session whose results are written down for comparison.

Usage: drive_hailo_platform.py MODEL.hef DETECTOR.hef|none RESULTS.npz
"""

import sys
import threading

import hailo_platform as hpf
import numpy as np
from hailo_platform.pyhailort import pyhailort

model_path, detector_path, results_path = sys.argv[1:]
results = {}
random = np.random.default_rng(11)
TYPES = (hpf.FormatType.UINT8, hpf.FormatType.FLOAT32)


def note(name, value):
    assert name not in results, name
    results[name] = value if isinstance(value, np.ndarray) else np.array(str(value))


def note_error(name, call, *arguments):
    """The exception's class, and its native cause where there is one."""
    try:
        call(*arguments)
    except Exception as error:  # noqa: BLE001: whichever it is, both packages must raise it
        note(name, f"{type(error).__name__} {getattr(error.__cause__, 'args', None)}")
        return
    note(name, "no exception")


def note_boxes(name, frames):
    for index, frame in enumerate(frames):
        note(f"{name}/{index}/shapes", [boxes.shape for boxes in frame])
        note(f"{name}/{index}", np.concatenate([np.asarray(boxes, np.float32).reshape(-1) for boxes in frame]))


def describe(name, info):
    quant, kind = info.quant_info, info.format
    note(name, [info.name, info.direction, kind.type, kind.order, kind.flags, quant.qp_zp, quant.qp_scale, quant.limvals_min,
                quant.limvals_max, tuple(info.shape)])


def device():
    note("scan", hpf.Device.scan())
    with hpf.Device() as one:
        board = one.control.identify()
        for field in ("protocol_version", "device_architecture", "board_name", "serial_number", "part_number", "product_name",
                      "firmware_version"):
            note(f"identify/{field}", getattr(board, field))
        note("identify/text", board)
        for call in ("get_chip_temperature", "power_measurement", "read_user_config", "read_board_config", "chip_reset",
                     "test_chip_memories", "core_identify", "get_throttling_state", "get_sensor_sections_info", "stop_power_measurement"):
            note_error(f"control/{call}", getattr(one.control, call))
        extended = one.control.get_extended_device_information()
        note("extended", [extended.neural_network_core_clock_rate, extended.boot_source, extended.lcs])


def hef(path):
    hef = hpf.HEF(path)
    at = f"hef/{path.rsplit('/', 1)[-1]}"
    group = hef.get_network_group_names()[0]
    note(f"{at}/names", [hef.get_network_group_names(), hef.get_networks_names(), hef.get_networks_names(group),
                         hef.get_sorted_output_names(), [i.name for i in hef.get_network_groups_infos()]])
    for infos in ("get_input_vstream_infos", "get_output_vstream_infos", "get_all_vstream_infos", "get_input_stream_infos",
                  "get_output_stream_infos", "get_all_stream_infos"):
        for index, info in enumerate(getattr(hef, infos)()):
            describe(f"{at}/{infos}/{index}", info)
    for info in hef.get_all_vstream_infos():
        streams = hef.get_stream_names_from_vstream_name(info.name)
        note(f"{at}/mapping/{info.name}", [streams, [hef.get_vstream_names_from_stream_name(s) for s in streams],
                                           hef.get_original_names_from_vstream_name(info.name)])
    note_error(f"{at}/bottleneck", hef.bottleneck_fps)
    note_error(f"{at}/unknown", hef.get_all_vstream_infos, "none")
    for name, params in hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe).items():
        note(f"{at}/configure/{name}", [params.batch_size, params.power_mode, sorted(params.stream_params_by_name),
                                        {n: p.batch_size for n, p in params.network_params_by_name.items()}])
    note_error(f"{at}/mipi", lambda: hpf.ConfigureParams.create_mipi_inputs_from_hef(hef, hpf.HailoStreamInterface.PCIe))


def session(path, use):
    hef = hpf.HEF(path)
    with hpf.VDevice() as target:
        group = target.configure(hef, hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe))[0]
        use(hef, group)


def params(group, input_type, output_type, quantized=None):
    return (hpf.InputVStreamParams.make(group, quantized=quantized, format_type=input_type),
            hpf.OutputVStreamParams.make(group, quantized=quantized, format_type=output_type))


def virtual_streams(hef, group):
    info = hef.get_input_vstream_infos()[0]
    codes = random.integers(0, 256, (5, *info.shape), np.uint8)
    numbers = ((codes.astype(np.float32) - np.float32(info.quant_info.qp_zp)) * np.float32(info.quant_info.qp_scale))
    for quantized in (True, False):
        for input_type, frames in zip(TYPES, (codes, numbers)):
            for output_type in (*TYPES, hpf.FormatType.UINT16):
                with hpf.InferVStreams(group, *params(group, input_type, output_type, quantized)) as pipeline:
                    with group.activate(group.create_params()):
                        for name, array in pipeline.infer({info.name: frames}).items():
                            note(f"infer/{quantized}/{input_type}/{output_type}/{name}", array)
    with hpf.InferVStreams(group, *params(group, *TYPES)) as pipeline:
        note_error("infer/inactive", pipeline.infer, {info.name: codes})
        with group.activate():
            note_error("infer/nothing", pipeline.infer, {})
            note_error("infer/frames", pipeline.infer, {info.name: codes[0]})
            given = {info.name: codes.astype(np.float64)}
            pipeline.infer(given)
            note("infer/written back", given[info.name])
    inputs, outputs = params(group, *TYPES)
    with hpf.InputVStreams(group, inputs) as sources, hpf.OutputVStreams(group, outputs) as sinks, group.activate():
        writer = threading.Thread(target=lambda: [sources.get().send(frame[None]) for frame in codes])
        writer.start()
        note("streams", np.stack([sinks.get().recv() for _ in codes]))
        writer.join()
        note("streams/descriptions", [(s.shape, s.dtype, s.name, s.network_name) for s in (sources.get(), sinks.get())])
    note_error("activate", lambda: group.wait_for_activation(10))


def jobs(path):
    chosen = hpf.VDevice.create_params()
    chosen.scheduling_algorithm = hpf.HailoSchedulingAlgorithm.ROUND_ROBIN
    note("params", [chosen.scheduling_algorithm, chosen.group_id, chosen.device_count, chosen.multi_process_service])
    with hpf.VDevice(chosen) as target:
        note_error("second device", hpf.VDevice)
        model = target.create_infer_model(path)
        model.set_batch_size(2)
        model.output().set_format_type(hpf.FormatType.FLOAT32)
        note("model", [model.input_names, model.output_names, model.input().shape, model.output().shape, model.output().is_nms,
                       model.input().format.type, model.output().format.order])
        note_error("model/unknown", model.output, "none")
        frames, told, bound = random.integers(0, 256, (6, *model.input().shape), np.uint8), [], []
        with model.configure() as configured:
            note("model/queue", configured.get_async_queue_size() > 0)
            for pair in frames.reshape(3, 2, *frames.shape[1:]):
                both = []
                for frame in pair:
                    output = np.empty(model.output().shape, np.float32)
                    bindings = configured.create_bindings(output_buffers={model.output_names[0]: output})
                    bindings.input().set_buffer(frame)
                    both.append(bindings)
                configured.wait_for_async_ready(10000, 2)
                job = configured.run_async(both, lambda completion_info: told.append(completion_info.exception))
                bound += both
            job.wait(10000)
            configured.wait_for_async_ready(10000, configured.get_async_queue_size())
            note("jobs", np.stack([bindings.output().get_buffer() for bindings in bound]))
            note_error("jobs/unbound", configured.run_async, [configured.create_bindings()])
            note_error("jobs/columns", bound[0].input().set_buffer, np.asfortranarray(frames[0]))
        note("jobs/told", told)


def detections(hef, group):
    info, output = hef.get_input_vstream_infos()[0], hef.get_output_vstream_infos()[0]
    frames = np.load(detector_path + ".frames.npy")
    note("nms/shape", [output.nms_shape.number_of_classes, output.nms_shape.max_bboxes_per_class, output.shape])
    for tf_nms_format in (False, True):
        with hpf.InferVStreams(group, *params(group, *TYPES), tf_nms_format=tf_nms_format) as pipeline, group.activate():
            found = pipeline.infer({info.name: frames})[output.name]
            if tf_nms_format:
                note("nms/tf", found)
            else:
                note_boxes("nms/class", found)
                pipeline.set_nms_score_threshold(0.6)
                note_boxes("nms/surer", pipeline.infer({info.name: frames})[output.name])
    inputs, outputs = params(group, *TYPES)
    with hpf.InputVStreams(group, inputs) as sources, hpf.OutputVStreams(group, outputs) as sinks, group.activate():
        sources.get().send(frames[:1])
        note_boxes("nms/stream", [sinks.get().recv()])


def detections_of_jobs():
    frames = np.load(detector_path + ".frames.npy")
    with hpf.VDevice() as target:
        for order in ("HAILO_NMS_BY_CLASS", "HAILO_NMS_BY_SCORE"):
            model = target.create_infer_model(detector_path)
            by_score = order.endswith("SCORE")
            if by_score:
                model.output().set_format_order(hpf.FormatOrder.HAILO_NMS_BY_SCORE)
            note(f"{order}/shape", [model.output().shape, model.output().is_nms])
            with model.configure() as configured, configured_activation(configured):
                for index, frame in enumerate(frames):
                    bindings = configured.create_bindings()
                    bindings.input().set_buffer(frame)
                    bindings.output().set_buffer(np.zeros(model.output().shape, np.uint8 if by_score else np.float32))
                    configured.run([bindings], 20000)
                    found = bindings.output().get_buffer()
                    if by_score:
                        note(f"{order}/{index}", np.array([(d.y_min, d.x_min, d.y_max, d.x_max, d.score, d.class_id) for d in found], np.float32))
                    else:
                        note_boxes(f"{order}/{index}", [found])
                        note(f"{order}/{index}/tf", bindings.output().get_buffer(tf_format=True))


class configured_activation:
    """activate() and deactivate() of a model without a scheduler."""

    def __init__(self, configured):
        self.configured = configured

    def __enter__(self):
        self.configured.activate()

    def __exit__(self, *raised):
        self.configured.deactivate()


def transforms(path):
    info = hpf.HEF(path).get_output_vstream_infos()[0]
    utils = pyhailort.HailoRTTransformUtils
    codes, numbers = np.arange(256, dtype=np.uint8), np.empty(256, np.float32)
    utils.dequantize_output_buffer(codes, numbers, 256, info.quant_info)
    note("dequantized", numbers)
    back = np.empty(256, np.uint8)
    utils.quantize_input_buffer(numbers, back, 256, info.quant_info)
    note("quantized", back)
    memory = np.zeros(256 * 4, np.uint8)
    memory[:256] = codes
    utils.dequantize_output_buffer_in_place(memory, np.float32, 256, info.quant_info)
    note("in place", memory)
    note("dtype", utils.get_dtype(2))


def names():
    for name in sorted(hpf.__all__):
        note(f"name/{name}", hasattr(hpf, name))
    for kind in ("FormatType", "FormatOrder", "MipiDataTypeRx", "MipiPixelsPerClock", "MipiClockSelection", "MipiIspImageInOrder",
                 "MipiIspImageOutDataType", "IspLightFrequency", "HailoStreamInterface", "HailoStreamDirection", "HailoFormatFlags",
                 "HailoPowerMode", "HailoCpuId", "DvmTypes", "PowerMeasurementTypes", "SamplingPeriod", "AveragingFactor",
                 "MeasurementBufferIndex", "HailoSchedulingAlgorithm", "Endianness"):
        members = getattr(hpf, kind).__members__
        note(f"enum/{kind}", sorted((name, int(value.value)) for name, value in members.items() if "MAX_ENUM" not in name))


names()
device()
hef(model_path)
transforms(model_path)
session(model_path, virtual_streams)
jobs(model_path)
if detector_path != "none":
    hef(detector_path)
    session(detector_path, detections)
    detections_of_jobs()
np.savez(results_path, **results)
print(f"{len(results)} results of {hpf.__file__}")

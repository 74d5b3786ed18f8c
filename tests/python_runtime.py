"""Programs written for hailo_platform, on the bundled model: what users wrote, types in all combinations, streams, asynchronous jobs.

The quantized emulation of hailo_sdk_client is the reference, to the last bit.
"""

import gc
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import threading

import numpy as np

os.environ.setdefault("HAILORT_LOGGER_PATH", "NONE")

import hailo_platform as hpf  # noqa: E402
from hailo_platform.pyhailort import _pyhailort, frames, pyhailort  # noqa: E402
from hailo_sdk_client import ClientRunner, InferenceContext  # noqa: E402
from users_program import outputs_of  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
GRAUPEL = os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel"))
RUNS = 1000 if os.environ.get("GRAUPEL_SLOW") else 200
SEED = 20


class Glyphs:
    """The bundled model, compiled; `codes` are frames as the device has them, `frames` the numbers that they mean, and `scores` what
    the quantized emulation says of those."""

    def __init__(self, folder):
        self.har, self.hef = str(folder / "first.har"), str(folder / "first.hef")
        subprocess.run(["sh", ROOT / "examples" / "make_models.sh", GRAUPEL, ROOT / "zoo" / "glyphs", folder], check=True)
        info = hpf.HEF(self.hef).get_input_vstream_infos()[0]
        print(f"seed {SEED}")
        self.codes = np.random.default_rng(SEED).integers(0, 256, (4, *info.shape), np.uint8)
        self.frames = (self.codes.astype(np.float32) - np.float32(info.quant_info.qp_zp)) * np.float32(info.quant_info.qp_scale)
        runner = ClientRunner(har=self.har)
        with runner.infer_context(InferenceContext.SDK_QUANTIZED) as ctx:
            self.scores = runner.infer(ctx, self.frames)
        assert len({scores.tobytes() for scores in self.scores}) > 1, "frames that differ have different scores"


def raises(kind, call, *arguments, text="", **named):
    try:
        call(*arguments, **named)
    except kind as error:
        assert text in str(error), f"'{error}' does not say '{text}'"
        return error
    raise AssertionError(f"{call} did not raise {kind.__name__}")


def what_a_user_wrote(glyphs):
    shape = (1, *hpf.HEF(glyphs.hef).get_output_vstream_infos()[0].shape)
    for run in range(RUNS):
        [output] = outputs_of(glyphs.hef, glyphs.frames[0])
        assert output.dtype == np.float32 and output.shape == shape, (output.dtype, output.shape)
        assert output.tobytes() == glyphs.scores[0].tobytes(), f"run {run}: the program differs from the quantized emulation"
    print(f"the same class and scores in {RUNS} runs, equal to the quantized emulation")


def in_a_session(glyphs, use, params=None):
    hef = hpf.HEF(glyphs.hef)
    with hpf.VDevice(params) as target:
        group = target.configure(hef, hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe))[0]
        return use(hef, group)


def vstream_params(group, input_type, output_type, quantized=None):
    return (hpf.InputVStreamParams.make(group, quantized=quantized, format_type=input_type),
            hpf.OutputVStreamParams.make(group, quantized=quantized, format_type=output_type))


def types_in_all_combinations(glyphs):
    def use(hef, group):
        types = {hpf.FormatType.UINT8: np.uint8, hpf.FormatType.FLOAT32: np.float32}
        (name,), (output,) = ([i.name for i in infos] for infos in (hef.get_input_vstream_infos(), hef.get_output_vstream_infos()))
        quant = hef.get_output_vstream_infos()[0].quant_info
        for quantized in (True, False, None):
            for input_type, arrays in ((hpf.FormatType.UINT8, glyphs.codes), (hpf.FormatType.FLOAT32, glyphs.frames)):
                for output_type, output_dtype in types.items():
                    params = vstream_params(group, input_type, output_type, quantized)
                    with hpf.InferVStreams(group, *params) as pipeline, group.activate():
                        result = pipeline.infer({name: arrays})[output]
                    assert result.dtype == output_dtype, (output_type, result.dtype)
                    numbers = result
                    if output_dtype == np.uint8:
                        numbers = (result.astype(np.float32) - np.float32(quant.qp_zp)) * np.float32(quant.qp_scale)
                    assert np.array_equal(numbers.reshape(-1), glyphs.scores.reshape(-1)), (quantized, input_type, output_type)

    in_a_session(glyphs, use)
    print("UINT8 and FLOAT32, quantized or not: the scores of the emulation")


def arrays_are_fitted_or_refused(glyphs):
    def use(hef, group):
        name, output = hef.get_input_vstream_infos()[0].name, hef.get_output_vstream_infos()[0].name
        params = vstream_params(group, hpf.FormatType.FLOAT32, hpf.FormatType.FLOAT32)
        with hpf.InferVStreams(group, *params) as pipeline:
            data = {name: glyphs.codes}
            raises(pyhailort.HailoRTNetworkGroupNotActivatedException, pipeline.infer, data, text="69")
            with group.activate():
                data = {name: glyphs.codes}
                result = pipeline.infer(data)[output]
                assert data[name].dtype == np.float32, "the cast array is written back"
                assert np.array_equal(pipeline.infer(glyphs.codes.astype(np.float32))[output], result), "one input may be given bare"
                turned = np.asfortranarray(glyphs.codes.astype(np.float32))
                assert np.array_equal(pipeline.infer({name: turned})[output], result), "any memory order gives the same result"
                raises(pyhailort.HailoRTInvalidArgumentException, pipeline.infer, {name: data[name][0]}, text="2 (HAILO_INVALID_ARGUMENT)")
                raises(ValueError, pipeline.infer, {})
                raises(pyhailort.HailoRTNotFoundException, pipeline.infer, {"nothing": data[name]}, text="61")
                assert pipeline.get_total_time() >= pipeline.get_hw_time() > 0
                raises(pyhailort.HailoRTInvalidOperationException, group.activate().__enter__, text="6 (HAILO_INVALID_OPERATION)")
        raises(hpf.HailoRTException, pipeline.infer, data, text="context manager")

    in_a_session(glyphs, use)
    print("arrays are cast, copied or refused as documented")


def enumerations_and_descriptions(glyphs):
    kind = hpf.FormatType.UINT8
    assert str(kind) == "FormatType.UINT8" and repr(kind) == "<FormatType.UINT8: 1>" and kind == 1 and hpf.FormatType(1) == kind
    assert "12_BIT_BAYER_RGB" in hpf.FormatOrder.__members__ and "HAILO_NMS" not in hpf.FormatOrder.__members__
    assert not isinstance(hpf.HailoStreamInterface.PCIe, hpf.HailoStreamInterface)
    params = hpf.VDevice.create_params()
    assert (params.scheduling_algorithm, params.group_id, params.device_count) == (0, "UNIQUE", 1)
    params.scheduling_algorithm = hpf.HailoSchedulingAlgorithm.ROUND_ROBIN
    assert params.scheduling_algorithm == 1
    hef = hpf.HEF(glyphs.hef)
    info = hef.get_input_vstream_infos()[0]
    assert repr(info) == f'VStreamInfo("{info.name}")' and pickle.loads(pickle.dumps(info)).shape == info.shape
    assert hpf.HEF(pathlib.Path(glyphs.hef).read_bytes()).get_network_group_names() == hef.get_network_group_names()
    assert hef.get_sorted_output_names() == [i.name for i in hef.get_output_vstream_infos()]
    raises(ValueError, hpf.HEF, 5)
    missing = raises(hpf.HailoRTException, hpf.HEF, glyphs.hef + ".none", text="13 (HAILO_OPEN_FILE_FAILURE)")
    assert isinstance(missing.__cause__, _pyhailort.HailoRTStatusException) and missing.__cause__.args == ("13",)
    assert raises(_pyhailort.HailoRTStatusException, hef.get_input_vstream_infos, "none").args == ("61",)
    config = hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe)
    assert list(config) == hef.get_network_group_names() and config[list(config)[0]].batch_size == 0
    board = hpf.Device(hpf.Device.scan()[0]).control.identify()
    assert str(board.device_architecture) == "HAILO8" and str(board.firmware_version).startswith("4.23.0")
    raises(hpf.HailoRTException, hpf.Device().control.get_chip_temperature, text="79 (HAILO_NOT_SUPPORTED)")
    with hpf.VDevice() as target:
        raises(hpf.HailoRTException, hpf.VDevice, text="74 (HAILO_OUT_OF_PHYSICAL_DEVICES)")
        assert target.get_physical_devices_ids() == hpf.Device.scan()
    print("enumerations, descriptions and exceptions are what programs expect")


def streams_frame_by_frame(glyphs):
    def use(hef, group):
        inputs, outputs = vstream_params(group, hpf.FormatType.UINT8, hpf.FormatType.FLOAT32)
        with hpf.InputVStreams(group, inputs) as sources, hpf.OutputVStreams(group, outputs) as sinks, group.activate():
            source, sink = sources.get(), sinks.get()
            assert source.dtype == np.uint8 and source.shape == list(glyphs.codes.shape[1:]) and sink.dtype == np.float32
            writer = threading.Thread(target=lambda: [source.send(frame[None]) for frame in glyphs.codes])
            writer.start()
            received = np.stack([sink.recv() for _ in glyphs.codes])
            writer.join()
            raises(hpf.HailoRTException, sources.get, "nothing")
        assert np.array_equal(received.reshape(-1), glyphs.scores.reshape(-1))

    in_a_session(glyphs, use)
    print("virtual streams give the same frames")


def forms_of_detections(glyphs):
    boxes = np.arange(15, dtype=np.float32).reshape(3, 5)
    frame = np.concatenate([[2], boxes[:2].ravel(), [0], [1], boxes[2], np.full(7, 99)]).astype(np.float32)
    by_class = frames.boxes_by_class(frame, 3)
    assert [b.shape for b in by_class] == [(2, 5), (0, 5), (1, 5)] and by_class[1].dtype == np.float64
    assert np.array_equal(by_class[0], boxes[:2]) and np.array_equal(by_class[2], boxes[2:])
    tf = frames.boxes_in_tf_format(frame, 3, 4)
    assert tf.shape == (3, 5, 4) and np.array_equal(tf[0, :, :2].T, boxes[:2]) and not tf[0, :, 2:].any() and not tf[1].any()
    records = np.array([(0.1, 0.2, 0.3, 0.4, 0.9, 7), (0.5, 0.6, 0.7, 0.8, 0.4, 2)], frames.DETECTION)
    found = frames.detections_by_score(np.frombuffer(b"\x02\x00" + records.tobytes() + b"\x55" * 22, np.uint8))
    assert [(d.class_id, np.float32(d.score), np.float32(d.x_max)) for d in found] == [(7, np.float32(0.9), np.float32(0.4)),
                                                                                    (2, np.float32(0.4), np.float32(0.8))]
    mask = np.array([1, 0, 1, 0, 1, 1], np.uint8)  # 2 rows of 3 pixels from (1, 2) of a picture of 4 x 8
    record = np.array((0.25, 0.25, 0.75, 0.625, 0.9, 3, mask.size, 0), frames.MASK_RECORD).tobytes()
    packed = np.frombuffer(b"\x02\x00" + record + mask.tobytes() + record + mask[::-1].tobytes() + b"\x55" * 9, np.uint8)
    found = frames.detections(packed, hpf.FormatOrder.HAILO_NMS_WITH_BYTE_MASK, None, False)
    assert [(d.class_id, d.x_max, d.mask.tolist()) for d in found] == [(3, 0.625, mask.tolist()), (3, 0.625, mask[::-1].tolist())]
    planes = frames.masks_in_tf_format(packed, 3, 4, 8)
    assert planes.shape == (1, 6 + 32, 3) and planes[0, :6, 0].tolist() == [0.25, 0.25, 0.75, 0.625, np.float32(0.9), 3] and not planes[..., 2].any()
    picture = np.zeros((4, 8))
    picture[1:3, 2:5] = mask.reshape(2, 3)
    assert np.array_equal(planes[0, 6:, 0].reshape(4, 8), picture)
    raises(hpf.HailoRTException, frames.picture_extents, [1, 2], text="one input")
    raises(hpf.HailoRTException, frames.detections, frame, hpf.FormatOrder.NHWC, None, False, text="not an order of detections")
    print("detections come by class, in the TensorFlow form, by score and with masks")


def asynchronous_jobs(glyphs):
    params = hpf.VDevice.create_params()
    params.scheduling_algorithm = hpf.HailoSchedulingAlgorithm.ROUND_ROBIN
    params.group_id = "SHARED"
    with hpf.VDevice(params) as target:
        model = target.create_infer_model(glyphs.hef)
        model.input().set_format_type(hpf.FormatType.UINT8)
        model.output().set_format_type(hpf.FormatType.FLOAT32)
        told, bound = [], []
        with model.configure() as configured:
            for frame in glyphs.codes:
                output = np.empty(model.output().shape, np.float32)
                bindings = configured.create_bindings(output_buffers={configured._output_names[0]: output})
                bindings.input().set_buffer(frame)
                configured.wait_for_async_ready(timeout_ms=10000)
                job = configured.run_async([bindings], lambda completion_info: told.append(completion_info.exception))
                bound.append(bindings)
                del output
            job.wait(10000)
            gc.collect()
            configured.wait_for_async_ready(10000, configured.get_async_queue_size())
            results = np.stack([bindings.output().get_buffer() for bindings in bound])
            assert np.array_equal(results.reshape(-1), glyphs.scores.reshape(-1)), "the jobs differ from the emulation"
            results[:] = 0
            configured.run(bound[:1], 10000)
            assert np.array_equal(bound[0].output().get_buffer().reshape(-1), glyphs.scores[0].reshape(-1))
            empty = configured.create_bindings()
            raises(pyhailort.HailoRTInvalidOperationException, configured.run_async, [empty], text="6 (HAILO_INVALID_OPERATION)")
        assert told == [None] * len(glyphs.codes), told
        raises(hpf.HailoRTException, configured.get_async_queue_size)
    print("asynchronous jobs fill the bound arrays and tell their callbacks")


def networks_of_a_group(glyphs):
    """pair.hef has both models side by side: each is inferred by its name, with as many frames as it is given."""
    hef = hpf.HEF(str(pathlib.Path(glyphs.hef).with_name("pair.hef")))
    names = hef.get_networks_names()
    assert hef.get_network_group_names() == ["pair"] and names == ["pair/first", "pair/second"], names
    with hpf.VDevice() as target:
        network = target.configure(hef, hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe))[0]
        with network.activate():
            for name, frames in ((names[0], 4), (names[1], 3)):
                params = [kind.make(network, format_type=form, network_name=name)
                          for kind, form in ((hpf.InputVStreamParams, hpf.FormatType.UINT8), (hpf.OutputVStreamParams, hpf.FormatType.FLOAT32))]
                with hpf.InferVStreams(network, *params) as pipeline:
                    (scores,) = pipeline.infer(glyphs.codes[:frames]).values()
                same = np.array_equal(scores.reshape(-1), glyphs.scores[:frames].reshape(-1))
                assert same == (name == "pair/first"), f"{name}: the first model's scores are the first network's alone"
    print("networks of a group run side by side")


with tempfile.TemporaryDirectory() as name:
    model = Glyphs(pathlib.Path(name))
    for part in sys.argv[1:] or ("what_a_user_wrote", "types_in_all_combinations", "arrays_are_fitted_or_refused",
                                 "enumerations_and_descriptions", "streams_frame_by_frame", "forms_of_detections", "asynchronous_jobs",
                                 "networks_of_a_group"):
        globals()[part](model)

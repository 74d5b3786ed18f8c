"""The program of a user of hailo_platform, as it was written."""

import hailo_platform as hpf
import numpy as np


def outputs_of(path, input_image, runs=1):
    """Opens the HEF and a device, and yields what each of `runs` runs says of one picture."""
    hef = hpf.HEF(str(path))
    with hpf.VDevice() as target:
        configure_params = hpf.ConfigureParams.create_from_hef(
            hef, interface=hpf.HailoStreamInterface.PCIe
        )
        network_group = target.configure(hef, configure_params)[0]
        network_group_params = network_group.create_params()

        input_vstream_info = hef.get_input_vstream_infos()[0]
        output_vstream_info = hef.get_output_vstream_infos()[0]

        input_vstreams_params = hpf.InputVStreamParams.make_from_network_group(
            network_group, quantized=False, format_type=hpf.FormatType.FLOAT32
        )
        output_vstreams_params = hpf.OutputVStreamParams.make_from_network_group(
            network_group, quantized=False, format_type=hpf.FormatType.FLOAT32
        )

        with network_group.activate(network_group_params):
            with hpf.InferVStreams(network_group, input_vstreams_params, output_vstreams_params) as infer_pipeline:
                for _ in range(runs):
                    input_data = {input_vstream_info.name: np.expand_dims(input_image, axis=0)}
                    results = infer_pipeline.infer(input_data)
                    yield results[output_vstream_info.name]

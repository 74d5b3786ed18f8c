"""ONNX's own backend node tests through the importer and the float evaluation; what passes is quantized, compiled and run too.

tests/onnx/expected.txt says of every case what becomes of it: passes, or unsupported and the reason that the tool gives. The
suite fails when a state is another; after a change that is meant, write the file anew with --update and review the difference.

Usage: onnx_conformance.py [--update] [CASE ...]   (parts of names; default: all)

Inputs of a case that are not floats (or pictures of uint8) are what a model's file holds: shapes, axes, indices. They become
initializers. When the model is refused with all float inputs live, those after the first become initializers as well: weights.
A case of a fixed batch that is refused as such is taken apart: one model for each frame, with that frame of every input that has
the batch. Where nothing is live the result is constant arithmetic: it is added to a live zero.

The summary counts cases of floats: the first input is one, and no tensor is of a type that graupel's files do not have (floats and
integers of less than 8 bits, floats of 8 bits, strings). An operator is supported when graupel imports it (docs/operators.md); of
a case of several nodes all must be, or be known on constants.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from onnx.backend.test.case.node import collect_testcases
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs the oracles from PyPI)")
    sys.exit(77)

import graupel

EXPECTED = pathlib.Path(__file__).resolve().parent / "onnx" / "expected.txt"
WORKERS = 2
OPERATORS = pathlib.Path(__file__).resolve().parent.parent / "docs" / "operators.md"
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)
INTEGERS = (TensorProto.BOOL, TensorProto.UINT8, TensorProto.INT8, TensorProto.UINT16, TensorProto.INT16, TensorProto.UINT32,
            TensorProto.INT32, TensorProto.UINT64, TensorProto.INT64)
PASS, UNSUPPORTED, WRONG, EQUAL = "pass", "unsupported", "WRONG", "bytes equal"
HEADER = """# ONNX's backend node tests, from onnx {}. Written by tests/onnx_conformance.py --update.
# pass: the floats are ONNX's; bytes equal: quantized, the program's bytes are the emulation's. unsupported: what the tool says.
"""


def element_type(info):
    return info.type.tensor_type.elem_type if info.type.HasField("tensor_type") else None


def as_array(value):
    """Generated data comes as arrays, TensorProtos, or what is no tensor."""
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value) if np.isscalar(value) else value


def with_constants(model, arrays, live):
    """The model with every input that is not in `live` an initializer."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    del changed.graph.input[:]
    for info in model.graph.input:
        if info.name in live or element_type(info) is None:
            changed.graph.input.append(info)
        elif arrays[info.name] is not None:
            changed.graph.initializer.append(numpy_helper.from_array(arrays[info.name], info.name))
    return changed


def with_live_zero(model, outputs):
    """The model with constant outputs added, as floats, to inputs of zeros; and these inputs."""
    del model.graph.output[:]
    zeros = {}
    for i, (name, value) in enumerate(outputs.items()):
        zeros[f"zero_{i}"] = np.zeros(1, np.float32)
        model.graph.node.append(helper.make_node("Cast", [name], [f"float_{i}"], to=TensorProto.FLOAT))
        model.graph.node.append(helper.make_node("Add", [f"float_{i}", f"zero_{i}"], [f"sum_{i}"]))
        model.graph.input.append(helper.make_tensor_value_info(f"zero_{i}", TensorProto.FLOAT, [1]))
        model.graph.output.append(helper.make_tensor_value_info(f"sum_{i}", TensorProto.FLOAT, value.shape))
    return zeros


def reason_of(error):
    """What the tool says of the nodes, on one line, without its lists of what it knows otherwise."""
    lines = error.message.split("\nsupported operators:")[0].split("\n")
    return " ".join(line.strip() for line in (lines[1:] if len(lines) > 1 else lines))


def parse(model, folder, shapes=None):
    path = folder / "case.onnx"
    path.write_bytes(model.SerializeToString())
    return graupel.parse(path, input_shapes=shapes, name="case", preprocess=False)


class Attempt:
    """A case with certain inputs live, parsed. With a batch: as a model for each frame."""

    def __init__(self, model, arrays, folder, live, batched=()):
        self.by_frame = bool(batched)
        self.parts = []
        for frame in range(len(arrays[batched[0]]) if batched else 1):
            own = {name: array[frame:frame + 1] if name in batched else array for name, array in arrays.items()}
            shapes = {name: own[name].shape for name in batched if name in live}
            parsed = parse(with_constants(model, own, live) if live is not None else model, folder, shapes)
            self.parts.append((parsed, {port.origin: self.stored(own[port.origin], port) for port in parsed.inputs}))

    @staticmethod
    def stored(array, port):
        """The array in float32 with the extents as the graph stores them; a scalar as one frame."""
        return np.ascontiguousarray(array.transpose(port.order) if array.ndim else array[None], np.float32)

    def run(self, stage):
        """Outputs in ONNX's order of extents, by name; several frames one after another."""
        results = [self.run_part(parsed, feeds, stage, self.by_frame) for parsed, feeds in self.parts]
        return {name: np.concatenate([result[name] for result in results]) if self.by_frame else value
                for name, value in results[0].items()}

    @staticmethod
    def run_part(parsed, feeds, stage, by_frame):
        runner = parsed.runner(stage, threads=1)
        results = {}
        for name, port, output in zip(runner.output_names, parsed.outputs, runner(feeds)):
            extra = output.ndim - len(port.order)  # an axis of frames before the stored extents
            axes = [0] * extra + [port.order.index(i) + extra for i in range(len(port.order))]
            results[name] = output.transpose(axes)[0] if by_frame and extra else output.transpose(axes)
        return results

    def quantize(self):
        for parsed, feeds in self.parts:
            parsed.optimize(feeds, method="minmax", percentile=100.0, threads=1)
            parsed.compile()


def attempts(case, arrays, outputs, folder):
    """Attempts to parse, most live first; raises the last refusal when none is left."""
    names = {info.name: element_type(info) for info in case.model.graph.input}
    live = [n for n, t in names.items() if t in FLOATS]
    if not all(isinstance(v, np.ndarray) for v in [*arrays.values(), *outputs.values()]):
        yield lambda: Attempt(case.model, arrays, folder, None)
        return
    if not live:
        model = with_constants(case.model, arrays, [])
        yield lambda: Attempt(model, with_live_zero(model, outputs), folder, None)
        return
    for chosen in (live, live[:1]):
        yield lambda: Attempt(case.model, arrays, folder, chosen)
        batches = {arrays[n].shape[0] for n in chosen if arrays[n].ndim >= 4}
        if len(batches) == 1 and batches != {1}:
            with_batch = [n for n, array in arrays.items() if array.ndim > 0 and array.shape[0] in batches]
            images = [n for n in with_batch if arrays[n].ndim >= 4]
            for batched in (with_batch, images) if images != with_batch else (images,):
                yield lambda: Attempt(case.model, arrays, folder, chosen, batched)
        if len(live) == 1:
            return


def same(got, want, case):
    if got.shape != want.shape and got.shape[:1] == (1,):
        got = got[0]
    if got.shape != want.shape:
        return f"shape {list(got.shape)} instead of {list(want.shape)}"
    with np.errstate(all="ignore"):
        got = got.astype(want.dtype)
    if want.dtype.kind in "biu":
        return "" if np.array_equal(got, want) else f"{(got != want).sum()} of {want.size} elements differ"
    # Of what was computed in bfloat16 the last place is not certain.
    rtol = max(case.rtol, 2.0**-7) if want.dtype.name == "bfloat16" else case.rtol
    got, want = got.astype(np.float64), want.astype(np.float64)
    close = np.isclose(got, want, rtol=rtol, atol=max(case.atol, 1e-6), equal_nan=True)
    return "" if close.all() else f"{(~close).sum()} of {want.size} elements differ, by up to {np.abs(got - want)[~close].max():.3g}"


def quantized(attempt):
    """What becomes of a passing case in integers."""
    try:
        attempt.quantize()
    except graupel.Error as refusal:
        return f"floats alone: {reason_of(refusal)}"
    emulated, compiled = attempt.run("quantized"), attempt.run("compiled")
    different = [n for n in emulated if emulated[n].tobytes() != compiled[n].tobytes()]
    return f"WRONG: output {different} of the program is not the emulation's" if different else EQUAL


def judge(case, folder):
    """(state, text) of a case."""
    inputs, outputs = case.data_sets[0]
    arrays = {info.name: as_array(value) for info, value in zip(case.model.graph.input, inputs)}
    outputs = {info.name: as_array(value) for info, value in zip(case.model.graph.output, outputs)}
    refusal = ""
    for attempt in attempts(case, arrays, outputs, folder):
        try:
            parsed = attempt()
            results = list(parsed.run("native").values())
        except graupel.Error as error:
            refusal = reason_of(error)
            continue
        differences = [same(got, want, case) for got, want in zip(results, outputs.values())]
        if not any(differences):
            return PASS, quantized(parsed)
        if not parsed.by_frame:  # with another batch than the case's a node may well compute something else
            return WRONG, next(d for d in differences if d)
    return UNSUPPORTED, refusal


def all_cases():
    warnings.simplefilter("ignore")
    np.random.seed(0)
    return sorted(collect_testcases(None), key=lambda case: case.name)


def work(index, names):
    """The worker: judges every WORKERS-th case; a line of JSON each, announced before it is begun."""
    with tempfile.TemporaryDirectory() as folder:
        for case in [c for c in all_cases() if not names or any(n in c.name for n in names)][index::WORKERS]:
            print(json.dumps([case.name]), flush=True)
            print(json.dumps([case.name, *operator_of(case), *judge(case, pathlib.Path(folder))]), flush=True)


def operator_of(case):
    """The case's operator, whether it is supported, and whether the case is one of floats of rank 5 or less."""
    nodes, (inputs, outputs) = case.model.graph.node, case.data_sets[0]
    ports = [*case.model.graph.input, *case.model.graph.output]
    floats = bool(inputs) and element_type(ports[0]) in FLOATS and all(element_type(p) in (*FLOATS, *INTEGERS) for p in ports)
    small = all(isinstance(a, np.ndarray) and a.ndim <= 5 for a in map(as_array, [*inputs, *outputs]))
    known = graupel.onnx_operators()
    names = known["imported"] if len(nodes) == 1 else [*known["imported"], *known["constant"]]
    supported = all(node.op_type in names and not node.domain for node in nodes)
    return nodes[0].op_type if len(nodes) == 1 else "", supported, floats and small


def states(names):
    """State by case, from the workers."""
    command = [sys.executable, __file__, *names, "--worker"]
    workers = [subprocess.Popen([*command, str(i)], stdout=subprocess.PIPE, text=True) for i in range(WORKERS)]
    found = {}
    for worker in workers:
        begun = ""
        for line in worker.stdout:
            name, *rest = json.loads(line)
            begun = name
            if rest:
                found[name] = rest
                begun = ""
        if worker.wait() != 0:
            sys.exit(f"{begun or 'a worker'}: the process died with {worker.returncode}")
    return found


def print_summary(found):
    """Passes by operator: all cases of one node, and those of floats of rank 5 or less."""
    counts = collections.defaultdict(lambda: [0, 0, 0, 0])
    for op, supported, floats, state, _ in found.values():
        for group in [(supported, op or "several nodes"), supported, "all"]:
            count = counts[group]
            count[0] += state == PASS
            count[1] += 1
            count[2] += floats and state == PASS
            count[3] += floats
    print("operator: passing/all cases, passing/all cases of floats of rank <= 5")
    for op in sorted(group[1] for group in counts if isinstance(group, tuple) and group[0]):
        print("  {}: {}/{}, {}/{}".format(op, *counts[True, op]))
    for name, group in (("supported operators", True), ("not supported", False), ("all operators", "all")):
        print("{}: {}/{}, {}/{}".format(name, *counts[group]))
    others = sorted((group[1], count) for group, count in counts.items() if isinstance(group, tuple) and not group[0])
    print("not supported:", ", ".join(f"{op} ({count[1]})" for op, count in others))
    integers = collections.Counter("bytes equal" if text == EQUAL else "floats alone" for *_, state, text in found.values() if state == PASS)
    print("passing cases in integers:", dict(integers))


def compare(found, whole):
    """Lines of what differs from the file. With its release of onnx, cases come and go by our doing alone."""
    text = EXPECTED.read_text()
    expected = dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith("#"))
    differences = [f"{name}\n  is:       {found[name]}\n  expected: {expected[name]}"
                   for name in sorted(found.keys() & expected.keys()) if found[name] != expected[name]]
    new, gone = sorted(found.keys() - expected.keys()), sorted(expected.keys() - found.keys()) if whole else []
    if text.startswith(HEADER.format(onnx.__version__)):
        return differences + [f"{name}: is new" for name in new] + [f"{name}: is gone" for name in gone]
    print(f"onnx {onnx.__version__} is not the release of tests/onnx/expected.txt: {len(new)} new cases and {len(gone)} gone are let pass")
    return differences


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("cases", nargs="*")
    arguments.add_argument("--update", action="store_true", help="write tests/onnx/expected.txt")
    arguments.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.worker is not None:
        return work(options.worker, options.cases)
    undocumented = [op for op in graupel.onnx_operators()["imported"] if f"`{op}`" not in OPERATORS.read_text()]
    if undocumented:
        sys.exit(f"docs/operators.md does not name {', '.join(undocumented)}")
    found = dict(sorted(states(options.cases).items()))
    print_summary(found)
    wrong = [f"{name}: {text}" for name, (*_, state, text) in found.items() if WRONG in (state, text.split(":")[0])]
    if wrong:
        sys.exit("wrong results:\n" + "\n".join(wrong))
    lines = {name: f"{state}: {text}" for name, (*_, state, text) in found.items()}
    if options.update:
        if options.cases:
            sys.exit("--update writes all cases; give no names")
        EXPECTED.write_text(HEADER.format(onnx.__version__) + "".join(f"{name}: {line}\n" for name, line in lines.items()))
        return None
    differences = compare(lines, whole=not options.cases)
    if differences:
        print(*differences, sep="\n")
        sys.exit(f"{len(differences)} of {len(lines)} cases are not as tests/onnx/expected.txt says. Where that is meant, write it anew with\n"
                 f"  {pathlib.Path(__file__).name} --update\nand review the difference.")


if __name__ == "__main__":
    main()

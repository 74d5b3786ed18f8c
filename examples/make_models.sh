#!/bin/sh
# make_models.sh GRAUPEL MODEL_FOLDER OUTPUT_FOLDER: the bundled model as first.hef and, calibrated on fewer pictures, second.hef;
# pair.hef holds both as two networks of one group.
set -eu
graupel=$1 zoo=$2 out=$3
mkdir -p "$out"
for model in first second; do
  limit=64
  [ "$model" = second ] && limit=8
  "$graupel" parse "$zoo/glyphs.onnx" --name "$model" -o "$out/$model.har" --json >/dev/null
  "$graupel" optimize "$out/$model.har" --calib "$zoo/calibration" --limit "$limit" --json >/dev/null
  "$graupel" compile "$out/$model.har" -o "$out/$model.hef" --json >/dev/null
done
"$graupel" compile "$out/first.har" "$out/second.har" --name pair -o "$out/pair.hef" --json >/dev/null

#!/bin/sh
# with_oracles.sh PYTHON SCRIPT …: runs the script with the Python that has the oracles, or reports it as skipped.
python=$1
shift
if [ ! -x "$python" ]; then
  echo "skipped: $python is missing; ./dev test installs it"
  exit 77
fi
exec "$python" "$@"

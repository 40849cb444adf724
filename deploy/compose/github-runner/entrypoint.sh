#!/bin/bash
# Starts the exporter beside the runner, in the same container, then becomes the image's own entrypoint. The exporter
# is watched by nobody and ends with the container; without it the runner works all the same.
set -u
runner=${RUNNER_DIR:-/actions-runner}
/usr/local/bin/github-runner-metrics serve --runner-dir "$runner" --state-dir "${METRICS_STATE_DIR:-/var/lib/github-runner-metrics}" </dev/null &
exec "${RUNNER_ENTRYPOINT:-/entrypoint.sh}" "$@"

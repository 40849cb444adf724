#!/bin/bash
# Starts the exporter beside the runner, in the same container, and becomes the image's own entrypoint. Without the
# exporter the runner works all the same; both end with the container.
runner=${RUNNER_DIR:-/actions-runner}
(
  # The image's entrypoint configures the runner, and with it gives it its name.
  for ((i = 0; i < 300; i++)); do
    [ -e "$runner/.runner" ] && break
    sleep 1
  done
  exec /usr/local/bin/github-runner-metrics serve --runner-dir "$runner" --state-dir "${METRICS_STATE_DIR:-/var/lib/github-runner-metrics}"
) </dev/null &
exec "${RUNNER_ENTRYPOINT:-/entrypoint.sh}" "$@"

#!/usr/bin/env bash
# ./build.sh run            start every service with its real source or its simulator
# ./build.sh <target>       test, stress, publish, images, images-test, bench, dashboards, format, clean (see build.cake)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# No build server stays behind.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

if ! command -v dotnet >/dev/null; then
  echo "build.sh: the .NET SDK that global.json names is needed: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi

target="${1:-test}"
if [ "$target" = run ]; then
  shift
  # Not through Cake: stopping Cake with a signal leaves its children running.
  log=$(mktemp)
  dotnet build tools/devrun/src -c Release -v quiet -nologo -tl:off >"$log" 2>&1 &
  build=$!
  trap 'kill $build 2>/dev/null; wait $build; rm -f "$log"; exit 130' INT TERM
  wait $build || { cat "$log" >&2; rm -f "$log"; exit 1; }
  trap - INT TERM
  rm -f "$log"
  exec dotnet tools/devrun/src/bin/Release/net10.0/devrun.dll "$@"
fi

case "$target" in
  test | stress | publish | images | images-test | bench | dashboards | format | clean | build | solution) ;;
  *)
    echo "usage: ./build.sh run | test | stress | publish | images | images-test | bench | dashboards | format | clean" >&2
    case "$target" in -h | --help | help) exit 0 ;; *) exit 2 ;; esac
    ;;
esac

dotnet tool restore >/dev/null
shift || true
exec dotnet cake build.cake --target="$target" "$@"

#!/usr/bin/env bash
# Runs the blocks of one document, in a file system, network and process tree of their own: the documents' paths and ports
# are used as they stand there, and nothing of it is left. Root starts it with: unshare --mount --net --pid --fork --kill-child
#   sandbox.sh REPOSITORY WORK
# WORK has: blocks/LINE.sh, the blocks by their line; files/, what the document shows as files; simulators, a line for each:
# the folder that it needs, the file or /dev/tcp/HOST/PORT that is there once it is ready, and its program with arguments.
set -euo pipefail
repository=$1 work=$2
services=$(cd "$repository/artifacts/publish" && echo *)
ip link set lo up

# The machine's root, with what the documents write to replaced by empty folders or, /etc, by a copy.
root=$work/root
mkdir "$root"
mount -t tmpfs tmpfs "$root"
for entry in /*; do
  if [ -L "$entry" ]; then cp -P "$entry" "$root/"
  elif [ -d "$entry" ] && [ "$entry" != /proc ]; then mkdir "$root$entry" && mount --rbind "$entry" "$root$entry"
  fi
done
mkdir "$root/proc" && mount -t proc proc "$root/proc"
for folder in etc run opt srv home root builds; do
  mkdir -p "$root/$folder"
  mount -t tmpfs tmpfs "$root/$folder"
done
mkdir -p "$root/var/log" && mount -t tmpfs tmpfs "$root/var/log"
cp -a /etc/. "$root/etc/"
# Blocks that would write to the repository fail.
mount --bind "$repository" "$root$repository" && mount -o remount,bind,ro "$root$repository"

# Where the blocks are run: the repository's root, as far as they see it.
here=$work/here
mkdir "$here" "$work/bin" "$work/running"
for entry in "$repository"/*; do ln -s "$entry" "$here/"; done
rm "$here/artifacts"
mkdir -p "$here/artifacts/publish"
[ ! -d "$work/files" ] || cp -r "$work/files/." "$here/"

# A program that serves goes on in the background, and the block as soon as it says that it listens.
for service in $services; do
  cat >"$work/bin/$service" <<EOF
#!/usr/bin/env bash
out=\$(mktemp) err=\$(mktemp)
"$repository/artifacts/publish/$service/$service" "\$@" >"\$out" 2>"\$err" </dev/null &
pid=\$!
pattern='"?msg"?[=:]"(Listening|Taking the files of jobs)"'
case " \$* " in *" --once "*) pattern='a^' ;; esac
until grep -qsE "\$pattern" "\$err"; do
  if ! kill -0 \$pid 2>/dev/null; then
    wait \$pid; code=\$?
    cat "\$out"; cat "\$err" >&2
    exit \$code
  fi
  sleep 0.05
done
echo \$pid >"$work/running/\$pid"
EOF
  chmod +x "$work/bin/$service"
  mkdir "$here/artifacts/publish/$service"
  ln -s "$work/bin/$service" "$here/artifacts/publish/$service/$service"
done
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
chmod +x "$work/bin/sudo"

while read -r folder ready command; do
  mkdir -p "$root$folder"
  chroot "$root" bash -c "exec $command" >>"$work/simulators.log" 2>&1 &
  until [ -e "$root$ready" ] || (: <"$ready") 2>/dev/null; do
    kill -0 $! 2>/dev/null || { cat "$work/simulators.log"; exit 1; }
    sleep 0.05
  done
done <"$work/simulators"
[ ! -d "$root/etc/alloy-runner" ] || ln -s /etc/alloy-runner/runner.log "$root/var/log/alloy-runner.log"

for block in "$work"/blocks/*.sh; do
  line=$(basename "$block" .sh)
  code=0
  chroot "$root" /usr/bin/env -C "$here" HOME=/root PATH="$work/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" \
    timeout 120 bash -xeuo pipefail "$block" >"$work/output" 2>&1 </dev/null || code=$?
  for running in "$work"/running/*; do
    [ -e "$running" ] || continue
    pid=$(cat "$running")
    kill -KILL "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    rm "$running"
  done
  echo "block $line ended with $code after $SECONDS s"
  [ "$code" = 0 ] || { cat "$work/output"; exit 1; }
done

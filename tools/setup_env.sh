#!/usr/bin/env bash
# Build, or find, the virtual environment of one stack and link .venv to it;
# then, if one is given, run a command in it:
#
#   [STACK=onedl|openmmlab] tools/setup_env.sh [COMMAND [ARGS...]]
#
# PYTHON=python3.11    the interpreter to build with (default: one that fits)
# FRESH=1              build anew, even if the environment is complete
# XLEARNER_ENVS=DIR    where environments live; clones share them. One is named
#                      by stack, Python version and the requirement files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONPATH PYTHONHOME

STACK=${STACK:-onedl}
ENVS=${XLEARNER_ENVS:-${XDG_CACHE_HOME:-$HOME/.cache}/xlearner_mm/envs}
NEED_GB=10

say() { echo "setup_env: $*" >&2; }
die() {
    say "error: $1"
    echo "  remedy: $2" >&2
    exit 1
}

case $STACK in
    onedl) versions=(3.11 3.12 3.10) ;;
    openmmlab) versions=(3.11 3.10) ;; # torch 2.1.2 has nothing newer
    *) die "unknown STACK=$STACK" "use STACK=onedl or STACK=openmmlab" ;;
esac
requirements=(requirements/{torch,mminstall}-"$STACK".txt
    requirements/{runtime,tests,docs}.txt)

# Set `python` and `version` to the first interpreter that fits the stack.
choose_python() {
    local seen="" candidates=("${versions[@]/#/python}" python3 python)
    [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
    for python in "${candidates[@]}"; do
        version=$("$python" -c 'import sys
print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        if [[ " ${versions[*]} " != *" $version "* ]]; then
            seen+=" $python is Python $version;"
            continue
        fi
        "$python" -c 'import ensurepip, venv' 2>/dev/null && return
        seen+=" $python has no venv module (Debian: apt install"
        seen+=" python$version-venv);"
    done
    die "no Python for STACK=$STACK:${seen:- ${candidates[*]} do not run;}" \
        "install Python $(IFS=/ && echo "${versions[*]}") with venv, or name it: PYTHON=/path/to/it"
}

check_compiler() {
    local name=${CXX:-c++}
    command -v "${name%% *}" >/dev/null || die \
        "no C++ compiler '$name' (mmcv compiles its operators)" \
        "install one (Debian: apt install build-essential) or set CXX"
}

check_disk() {
    local free
    free=$(df -Pk "$ENVS" | awk 'NR == 2 {print int($4 / 1024 / 1024)}')
    [ "$free" -ge "$NEED_GB" ] || die \
        "$free GB free in $ENVS, an environment takes about $NEED_GB GB" \
        "free some (environments no longer used?) or set XLEARNER_ENVS"
}

# step TITLE COMMAND...: run quietly, say how long it took; log on failure.
step() {
    local title=$1 start=$SECONDS
    shift
    say "$title ..."
    if ! "$@" >"$env.log" 2>&1; then
        tail -n 40 "$env.log" >&2
        die "failed after $((SECONDS - start)) s: $title" "see $env.log"
    fi
    say "$title: $((SECONDS - start)) s"
}

pip() { "$env/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }

# A .pth line lets a clone's .venv/bin/python find the clone's own package:
# the environment is shared, so an editable install would be the last clone's.
create_venv() {
    "$python" -m venv "$env"
    pip install "pip>=24,<27"
    echo "import os, sys; sys.prefix.endswith('/.venv') and" \
        "sys.path.insert(0, os.path.dirname(sys.prefix))" \
        >"$env/lib/python$version/site-packages/xlearner_mm_clone.pth"
}

# Several packages ask for opencv-python, which needs libGL, some for the
# headless one, and both own the folder cv2: keep the headless one.
keep_headless_opencv() {
    local pin
    pin=$(sed -n 's/^opencv-python==//p' "requirements/mminstall-$STACK.txt")
    pip uninstall -y opencv-python opencv-python-headless
    pip install --no-deps "opencv-python-headless==$pin"
}

announce_mmcv() {
    local pin
    pin=$(grep -E '^(onedl-)?mmcv==' "requirements/mminstall-$STACK.txt")
    if pip install --dry-run --no-deps --only-binary :all: "$pin" \
        >/dev/null 2>&1; then
        say "$pin: a wheel is at hand"
        return
    fi
    say "$pin: no wheel at hand, so it is compiled unless pip has it cached:" \
        "about 16 minutes on two cores"
    "$env/bin/python" -c 'import os, sysconfig
assert os.path.exists(sysconfig.get_path("include") + "/Python.h")' \
        2>/dev/null || die "$python has no Python.h to compile mmcv against" \
        "install the headers (Debian: apt install python$version-dev)"
}

verify() {
    OMP_NUM_THREADS=1 "$env/bin/python" -c '
import mmcv._ext, mmdet.models, mmpretrain.models, mmseg.models, torch
from mmcv.ops import nms
boxes = torch.tensor([[0., 0., 9., 9.], [0., 0., 9., 8.], [20., 20., 29., 29.]])
kept = nms(boxes, torch.tensor([.9, .8, .7]), 0.5)[1].tolist()
assert kept == [0, 2], kept'
}

build() {
    local start=$SECONDS
    check_compiler
    rm -rf "$env"
    check_disk
    say "building $env (STACK=$STACK, $python is Python $version)"
    step "create the virtual environment" create_venv
    announce_mmcv
    step "install torch (several GB)" pip install -r "${requirements[0]}"
    MAX_JOBS=${MAX_JOBS:-$(nproc)} step "install the mm packages and tools" \
        pip install --no-build-isolation "${requirements[@]/#/-r}"
    step "keep the headless OpenCV" keep_headless_opencv
    step "verify: mmcv operators, mmdet, mmseg, mmpretrain" verify
    pip freeze >"$env/.complete"
    say "complete after $((SECONDS - start)) s"
}

is_complete() {
    [ -e "$env/.complete" ] && "$env/bin/python" -c '' 2>/dev/null
}

choose_python
hash=$(cat "${requirements[@]}" | git hash-object --stdin | cut -c 1-10)
env=$ENVS/$STACK-py$version-$hash
if [ -e .venv ] && [ ! -L .venv ]; then
    die ".venv is not a link made by this script" "move it away"
fi
mkdir -p "$ENVS" 2>/dev/null || die "cannot write $ENVS" "set XLEARNER_ENVS"
if [ -n "${FRESH:-}" ] || ! is_complete; then
    exec 9>"$env.lock"
    if ! flock -n 9; then
        say "another set-up is building $env: waiting for it"
        flock 9
    fi
    if [ -n "${FRESH:-}" ] || ! is_complete; then build; fi
    exec 9>&-
fi
[ "$(readlink .venv)" = "$env" ] || ln -sfn "$env" .venv
say "ready: .venv -> $env"

[ $# -eq 0 ] && exit
export VIRTUAL_ENV=$env PATH=$env/bin:$PATH PYTHONPATH=$PWD
exec "$@"

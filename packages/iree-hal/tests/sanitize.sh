#!/bin/sh
# Runs this package's Python tests against an extension built with a sanitizer, without installing it:
#   tests/sanitize.sh address,undefined [pytest arguments]
#   tests/sanitize.sh thread [pytest arguments]
# Python itself is not instrumented, so leaks are looked for by tests/native only.
set -eu
sanitizer=$1
shift
package=$(cd "$(dirname "$0")/.." && pwd)
work=${TMPDIR:-/tmp}/iree-hal-sanitize-$(echo "$sanitizer" | tr , -)
cmake -S "$package" -B "$work/build" -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DIREE_HAL_SANITIZE=$sanitizer" \
  "-DPython_EXECUTABLE=$(command -v python)" > /dev/null
cmake --build "$work/build" -j2 > /dev/null
rm -rf "$work/path"
mkdir -p "$work/path/iree"
cp -r "$package/src/iree/hal" "$work/path/iree/hal"
cp -r "$package/include" "$work/path/iree/hal/include"
cp "$work/build"/_native*.so "$work/path/iree/hal/"
case $sanitizer in
  thread) library=libtsan.so ;;
  *) library=libasan.so ;;
esac
# The C++ library comes first, or exceptions are not seen by the sanitizer.
export LD_PRELOAD="$(g++ -print-file-name=$library) $(g++ -print-file-name=libstdc++.so)"
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 TSAN_OPTIONS=exitcode=66:halt_on_error=1
# Sanitizers end a process that loads libraries with RTLD_DEEPBIND, as iree.hal.mesa does where GPU drivers are installed.
echo "import os; del os.RTLD_DEEPBIND" > "$work/path/sitecustomize.py"
export VK_DRIVER_FILES=/nowhere VK_ICD_FILENAMES=/nowhere
export PYTHONPATH="$work/path" PYTHONMALLOC=malloc
exec python -m pytest -p no:cacheprovider "$package/tests" \
  --ignore="$package/tests/test_native.py" --ignore="$package/tests/test_stubs.py" \
  --ignore="$package/tests/test_mesa.py" "$@"

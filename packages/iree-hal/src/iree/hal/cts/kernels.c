// The entries of the conformance suite's test executable, in this order. `id` is the workgroup's,
// `count` the grid's. All elements are 32-bit integers; arithmetic wraps.
//
//   ordinal  name   bindings (access)     constants
//   0        ids    out (w)               base        out[linear id] = base + linear id, x fastest
//   1        add    a (r), b (r), out (w)             out[x] = a[x] + b[x]
//   2        step   data (rw)             addend      data[x] = data[x] * 3 + addend
//   3        copy   in (r), out (w)       from, to    out[to + x] = in[from + x]
#include <stdint.h>

typedef struct {
  uint32_t x, y, z;
} grid_t;

void ids(grid_t id, grid_t count, const uint32_t* constants, uint32_t* out) {
  uint32_t linear = (id.z * count.y + id.y) * count.x + id.x;
  out[linear] = constants[0] + linear;
}

void add(grid_t id, const uint32_t* a, const uint32_t* b, uint32_t* out) {
  out[id.x] = a[id.x] + b[id.x];
}

void step(grid_t id, const uint32_t* constants, uint32_t* data) {
  data[id.x] = data[id.x] * 3 + constants[0];
}

void copy(grid_t id, const uint32_t* constants, const uint32_t* in, uint32_t* out) {
  out[constants[1] + id.x] = in[constants[0] + id.x];
}

// Binding, Executable and CommandBuffer.
#include "common.h"

namespace iree::hal::py {

iree_hal_binding_t binding_from(nb::handle object) {
  if (Binding* binding = unwrap<Binding>(object.ptr())) return binding->get();
  if (Buffer* buffer = unwrap<Buffer>(object.ptr()))
    return {buffer->get(), 0, 0, 0, IREE_HAL_WHOLE_BUFFER};
  PyErr_Format(PyExc_TypeError, "expected a Buffer or a Binding, not %R", Py_TYPE(object.ptr()));
  nb::raise_python_error();
}

std::vector<iree_hal_binding_t> bindings_from(nb::handle sequence, nb::object* owner) {
  *owner = nb::steal(PySequence_Tuple(sequence.ptr()));
  if (!owner->is_valid()) nb::raise_python_error();
  std::vector<iree_hal_binding_t> result;
  for (nb::handle item : *owner) result.push_back(binding_from(item));
  return result;
}

namespace {

// "wait" and "signal" of Python may name at most what the header can: three counts of 32 bits.
void workgroups_from(nb::handle object, uint32_t out[3]) {
  nb::object owner = nb::steal(PySequence_Tuple(object.ptr()));
  if (!owner.is_valid()) nb::raise_python_error();
  if (nb::len(owner) != 3) throw nb::value_error("workgroups are three counts: (x, y, z)");
  for (size_t i = 0; i < 3; ++i) out[i] = nb::cast<uint32_t>(owner[i]);
}

std::vector<uint32_t> constants_from(nb::handle object) {
  std::vector<uint32_t> result;
  for (nb::handle item : object) {
    auto value = nb::cast<int64_t>(item);
    if (value < INT32_MIN || value > UINT32_MAX) {
      throw nb::value_error("constants are 32-bit words: split wider values, low word first");
    }
    result.push_back(static_cast<uint32_t>(value));
  }
  return result;
}

}  // namespace

void bind_commands(nb::module_& m) {
  nb::class_<Binding>(m, "Binding", "A range of a buffer, or of a slot that is bound at execution.")
      .def(
          "__init__",
          [](Binding* self, const Buffer& buffer, uint64_t offset, uint64_t length) {
            new (self) Binding{buffer, 0, offset, length};
          },
          nb::arg("buffer"), nb::arg("offset") = 0, nb::arg("length") = IREE_HAL_WHOLE_BUFFER)
      .def_static(
          "of_slot",
          [](uint32_t index, uint64_t offset, uint64_t length) {
            return Binding{Buffer(), index, offset, length};
          },
          nb::arg("index"), nb::arg("offset") = 0, nb::arg("length") = IREE_HAL_WHOLE_BUFFER,
          "A range of whatever slot `index` is bound to.")
      .def_ro("offset", &Binding::offset)
      .def_ro("length", &Binding::length);

  nb::class_<Executable>(m, "Executable", "Device code with one or more entry points.")
      .def_prop_ro("entry_count", [](const Executable& self) { return self->entry_count; });

  // Recording keeps the GIL: it is quick, and the GIL is what makes it one thread at a time.
  nb::class_<CommandBuffer>(
      m, "CommandBuffer",
      "Commands recorded once and executed any number of times. Those between two barriers "
      "may run at the same time.")
      .def_prop_ro("slot_count", [](const CommandBuffer& self) { return self->slot_count; })
      .def(
          "barrier", [](const CommandBuffer& self) { check(self->vtable->barrier(self.get())); },
          "Orders all before it before all after it.")
      .def(
          "fill",
          [](const CommandBuffer& self, nb::handle target, nb::handle pattern) {
            BytesView bytes(pattern);
            check(self->vtable->fill(self.get(), binding_from(target), bytes.view.buf,
                                     static_cast<uint32_t>(bytes.view.len)));
          },
          nb::arg("target"), nb::arg("pattern"),
          nb::sig("def fill(self, target: Buffer | Binding, pattern: typing.Any) -> None"),
          "Repeats a pattern of 1, 2, 4 or 8 bytes over the target.")
      .def(
          "copy",
          [](const CommandBuffer& self, nb::handle source, nb::handle target) {
            check(self->vtable->copy(self.get(), binding_from(source), binding_from(target)));
          },
          nb::arg("source"), nb::arg("target"),
          nb::sig("def copy(self, source: Buffer | Binding, target: Buffer | Binding) -> None"),
          "Copies between ranges of one length that do not overlap.")
      .def(
          "dispatch",
          [](const CommandBuffer& self, const Executable& executable, uint32_t ordinal,
             nb::handle workgroups, nb::handle constants, nb::handle bindings) {
            uint32_t counts[3];
            workgroups_from(workgroups, counts);
            std::vector<uint32_t> words = constants_from(constants);
            nb::object owner;
            std::vector<iree_hal_binding_t> ranges = bindings_from(bindings, &owner);
            check(self->vtable->dispatch(self.get(), executable.get(), ordinal, counts,
                                         words.data(), words.size(), ranges.data(), ranges.size()));
          },
          nb::arg("executable"), nb::arg("ordinal"), nb::arg("workgroups"),
          nb::arg("constants") = nb::make_tuple(), nb::arg("bindings") = nb::make_tuple(),
          nb::sig("def dispatch(self, executable: Executable, ordinal: int, workgroups: "
                  "collections.abc.Sequence[int], constants: collections.abc.Iterable[int] = (), "
                  "bindings: "
                  "collections.abc.Iterable[Buffer | Binding] = ()) -> None"),
          "Runs entry `ordinal` over a grid of `workgroups` (x, y, z).")
      .def(
          "finalize", [](const CommandBuffer& self) { check(self->vtable->finalize(self.get())); },
          "Ends recording; only then can it be executed.");
}

}  // namespace iree::hal::py

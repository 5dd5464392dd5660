// Driver and Device.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "common.h"
#include "null_driver.h"

namespace iree::hal::py {
namespace {

// A driver that passed the checks. Drivers live as long as the process.
struct Driver {
  const iree_hal_driver_t* table;
};

Driver driver_from_capsule(nb::handle capsule, const std::string& owner) {
  auto* table = static_cast<const iree_hal_driver_t*>(
      PyCapsule_GetPointer(capsule.ptr(), IREE_HAL_DRIVER_CAPSULE));
  if (!table) nb::raise_python_error();
  if (table->abi_version != IREE_HAL_ABI_VERSION) {
    bool newer = table->abi_version > IREE_HAL_ABI_VERSION;
    std::string package = newer ? "iree-hal" : owner.substr(0, owner.find(' '));
    throw Error(make_status(IREE_HAL_INCOMPATIBLE,
                            "the driver of %s speaks version %u of the HAL's ABI and this iree-hal "
                            "version %u; upgrade the older one: "
                            "pip install -U %s",
                            owner.c_str(), table->abi_version, IREE_HAL_ABI_VERSION,
                            package.c_str()));
  }
  if (!IREE_HAL_TABLE_HAS(table, create_device) || !table->enumerate || !table->create_device ||
      !table->name) {
    throw Error(make_status(IREE_HAL_INCOMPATIBLE,
                            "the driver of %s has an incomplete table of %u bytes; upgrade it",
                            owner.c_str(), table->size));
  }
  return {table};
}

nb::list enumerate(const Driver& self) {
  struct Row {
    std::string path, name, unusable;
    bool usable;
  };
  std::vector<Row> rows;
  {
    GilRelease release;
    check(self.table->enumerate(
        self.table,
        [](void* user_data, const iree_hal_device_info_t* info) {
          static_cast<std::vector<Row>*>(user_data)->push_back(
              {info->path ? info->path : "", info->name ? info->name : "",
               info->unusable ? info->unusable : "", !info->unusable});
        },
        &rows));
  }
  nb::list result;
  for (const Row& row : rows) {
    nb::object unusable = row.usable ? nb::none() : nb::object(nb::str(row.unusable.c_str()));
    result.append(nb::make_tuple(row.path, row.name, unusable));
  }
  return result;
}

Device create_device(const Driver& self, std::string_view path,
                     const std::vector<std::pair<std::string, std::string>>& options) {
  std::vector<iree_hal_option_t> table;
  for (const auto& [key, value] : options) {
    table.push_back({{key.data(), key.size()}, {value.data(), value.size()}});
  }
  Device device;
  GilRelease release;
  check(self.table->create_device(self.table, {path.data(), path.size()}, table.data(),
                                  table.size(), device.out()));
  if (device->vtable->abi_version != IREE_HAL_ABI_VERSION ||
      !IREE_HAL_TABLE_HAS(device->vtable, queue_execute)) {
    throw Error(make_status(IREE_HAL_INCOMPATIBLE,
                            "driver %s made a device whose table does not fit its own version",
                            self.table->name));
  }
  return device;
}

//===-- Queue
//----------------------------------------------------------------------------------===//

void check_writable(const iree_hal_binding_t& target) {
  if (target.buffer && (target.buffer->usage & IREE_HAL_USAGE_CONSTANT)) {
    throw Error(make_status(IREE_HAL_PERMISSION_DENIED, "the target buffer is constant"));
  }
}

// A queue operation writes to a buffer: no slots outside of command buffers.
void check_direct(const iree_hal_binding_t& binding) {
  if (!binding.buffer) throw nb::type_error("a slot has a meaning only inside a command buffer");
}

Buffer queue_alloca(const Device& self, uint64_t length, uint32_t memory_type, uint32_t usage,
                    nb::handle wait, nb::handle signal) {
  Timepoints waits(wait), signals(signal);
  Buffer buffer;
  GilRelease release;
  check(self->vtable->queue_alloca(self.get(), waits.get(), signals.get(), {memory_type, usage},
                                   length, buffer.out()));
  return buffer;
}

void queue_dealloca(const Device& self, const Buffer& buffer, nb::handle wait, nb::handle signal) {
  Timepoints waits(wait), signals(signal);
  GilRelease release;
  check(self->vtable->queue_dealloca(self.get(), waits.get(), signals.get(), buffer.get()));
}

void queue_fill(const Device& self, nb::handle target, nb::handle pattern, nb::handle wait,
                nb::handle signal) {
  Timepoints waits(wait), signals(signal);
  BytesView bytes(pattern);
  iree_hal_binding_t range = binding_from(target);
  check_direct(range);
  check_writable(range);
  GilRelease release;
  check(self->vtable->queue_fill(self.get(), waits.get(), signals.get(), range, bytes.view.buf,
                                 static_cast<uint32_t>(bytes.view.len)));
}

void queue_copy(const Device& self, nb::handle source, nb::handle target, nb::handle wait,
                nb::handle signal) {
  Timepoints waits(wait), signals(signal);
  iree_hal_binding_t from = binding_from(source), to = binding_from(target);
  check_direct(from);
  check_direct(to);
  check_writable(to);
  GilRelease release;
  check(self->vtable->queue_copy(self.get(), waits.get(), signals.get(), from, to));
}

void queue_execute(const Device& self, nb::handle command_buffer, nb::handle bindings,
                   nb::handle wait, nb::handle signal) {
  Timepoints waits(wait), signals(signal);
  CommandBuffer commands;
  if (!command_buffer.is_none()) commands = nb::cast<CommandBuffer>(command_buffer);
  nb::object owner;
  std::vector<iree_hal_binding_t> table = bindings_from(bindings, &owner);
  for (const iree_hal_binding_t& binding : table) check_direct(binding);
  if (commands && table.size() < commands->slot_count) {
    throw Error(make_status(IREE_HAL_INVALID_ARGUMENT, "%zu bindings for %u slots", table.size(),
                            commands->slot_count));
  }
  GilRelease release;
  check(self->vtable->queue_execute(self.get(), waits.get(), signals.get(), commands.get(),
                                    {table.data(), table.size()}));
}

//===-- Memory and code
//------------------------------------------------------------------------===//

Buffer import_host(const Device& self, nb::handle data, uint32_t memory_type, uint32_t usage) {
  // The memoryview holds the export for as long as the device holds the memoryview.
  nb::object view = nb::steal(PyMemoryView_FromObject(data.ptr()));
  if (!view.is_valid()) nb::raise_python_error();
  BytesView bytes(view);
  if (bytes.view.readonly) usage |= IREE_HAL_USAGE_CONSTANT;
  iree_hal_release_callback_t release = keep_alive(view.ptr());
  Buffer buffer;
  if (iree_hal_status_t status =
          self->vtable->import_host(self.get(), {memory_type, usage}, bytes.view.buf,
                                    static_cast<uint64_t>(bytes.view.len), release, buffer.out())) {
    undo_keep_alive(release);
    throw Error(status);
  }
  return buffer;
}

Executable prepare_executable(const Device& self, std::string_view format, nb::handle data) {
  BytesView bytes(data);  // no release callback: the device copies what it keeps
  Executable executable;
  GilRelease release;
  check(self->vtable->prepare_executable(self.get(), {format.data(), format.size()},
                                         {bytes.view.buf, static_cast<size_t>(bytes.view.len)}, {},
                                         executable.out()));
  return executable;
}

void free_device_capsule(PyObject* capsule) {
  iree_hal_release(PyCapsule_GetPointer(capsule, IREE_HAL_DEVICE_CAPSULE));
}

}  // namespace

void bind_device(nb::module_& m) {
  nb::class_<Driver>(m, "Driver", "A driver's function table, checked.")
      .def_static(
          "from_capsule", driver_from_capsule, nb::arg("capsule"), nb::arg("owner"),
          nb::sig("def from_capsule(capsule: typing.Any, owner: str) -> Driver"),
          "IncompatibleError, which names `owner` (\"package version\"), if it does not fit.")
      .def_prop_ro("name", [](const Driver& self) { return self.table->name; })
      .def_prop_ro("version", [](const Driver& self) { return self.table->version; })
      .def("enumerate", enumerate, "(path, name, None or why it is unusable) of each device.",
           nb::sig("def enumerate(self) -> list[tuple[str, str, str | None]]"))
      .def("create_device", create_device, nb::arg("path"), nb::arg("options"),
           nb::sig("def create_device(self, path: str, options: "
                   "collections.abc.Sequence[tuple[str, str]]) -> "
                   "Device"));

  m.def(
      "null_driver",
      [] {
        nb::object capsule = nb::steal(PyCapsule_New(const_cast<iree_hal_driver_t*>(null::driver()),
                                                     IREE_HAL_DRIVER_CAPSULE, nullptr));
        if (!capsule.is_valid()) nb::raise_python_error();
        return capsule;
      },
      nb::sig("def null_driver() -> typing.Any"), "The capsule of the null driver.");

  constexpr uint32_t any = IREE_HAL_MEMORY_DEVICE_LOCAL | IREE_HAL_MEMORY_HOST_VISIBLE;
  nb::class_<Device>(m, "Device", "An open device. Any method may be called from any thread.")
      .def(
          "__init__",
          [](Device* self, std::string_view uri) {
            nb::object device = call_python("iree.hal._registry", "open", uri);
            new (self) Device(nb::cast<const Device&>(device));
          },
          nb::arg("uri"), "The same as iree.hal.open(uri).")
      .def_prop_ro(
          "uri", [](const Device& self) { return self->uri; }, "What opens it again.")
      .def_prop_ro(
          "name", [](const Device& self) { return self->name; }, "For people.")
      .def(
          "query",
          [](const Device& self, std::string_view key) {
            int64_t value = 0;
            check(self->vtable->query_i64(self.get(), {key.data(), key.size()}, &value));
            return value;
          },
          nb::arg("key"), "A named number, such as \"concurrency\"; NotFoundError for others.")
      .def(
          "allocate",
          [](const Device& self, uint64_t length, uint32_t memory_type, uint32_t usage) {
            Buffer buffer;
            GilRelease release;
            check(self->vtable->allocate(self.get(), {memory_type, usage}, length, buffer.out()));
            return buffer;
          },
          nb::arg("length"), nb::arg("memory_type") = any, nb::arg("usage") = kArrayUsage,
          "Memory with undefined contents. ResourceExhaustedError when there is none.")
      .def("import_host", import_host, nb::arg("data"), nb::arg("memory_type") = any,
           nb::arg("usage") = kArrayUsage,
           nb::sig("def import_host(self, data: typing.Any, memory_type: int = ..., usage: int = "
                   "...) -> Buffer"),
           "A buffer over `data`'s own memory, which it keeps alive; constant if `data` is "
           "read-only. "
           "UnimplementedError if the device cannot.")
      .def(
          "array",
          [](const Device& self, nb::object object, nb::object dtype, nb::object copy) {
            if (!dtype.is_none()) {
              object = call_python("iree.hal._convert", "to_dense", object, dtype);
            }
            Ref<iree_hal_buffer_view_t> view =
                !copy.is_none() && nb::cast<bool>(copy)
                    ? copy_from_object(object, self.get(), IREE_HAL_NONE)
                    : view_from_object(object, self.get(), IREE_HAL_NONE);
            Array* source = unwrap<Array>(object.ptr());
            Fence ready;
            if (source && source->view.get() == view.get()) ready = source->ready;
            return make_array(std::move(view), std::move(ready));
          },
          nb::arg("object"), nb::arg("dtype") = nb::none(), nb::kw_only(),
          nb::arg("copy") = nb::none(),
          nb::sig("def array(self, object: typing.Any, dtype: typing.Any = None, *, copy: bool | "
                  "None = None) -> "
                  "DeviceArray"),
          "A DeviceArray of a NumPy array, anything with the buffer protocol, __dlpack__ or "
          "__array__, or nested "
          "lists. Dense memory aligned to 16 bytes is shared, unless `copy` is true, and then must "
          "not be "
          "written while the array is in use; other memory is copied.")
      .def(
          "empty",
          [](const Device& self, nb::handle shape, nb::object dtype) {
            uint32_t type = element_type_of(dtype);
            auto dims = nb::cast<std::vector<int64_t>>(shape);
            uint64_t length = 0;
            check(dense_size(type, static_cast<uint32_t>(dims.size()), dims.data(), &length));
            Buffer buffer;
            Ref<iree_hal_buffer_view_t> view;
            {
              GilRelease release;
              check(allocate_for_array(self.get(), length, &buffer));
              check(make_buffer_view(buffer.get(), 0, type, static_cast<uint32_t>(dims.size()),
                                     dims.data(), view.out()));
            }
            return make_array(std::move(view), {});
          },
          nb::arg("shape"), nb::arg("dtype"),
          nb::sig("def empty(self, shape: collections.abc.Sequence[int], dtype: typing.Any) -> "
                  "DeviceArray"),
          "A DeviceArray with undefined contents, for queue operations to fill.")
      .def(
          "create_semaphore",
          [](const Device& self, uint64_t initial_value) {
            Semaphore semaphore;
            check(self->vtable->create_semaphore(self.get(), initial_value, semaphore.out()));
            return semaphore;
          },
          nb::arg("initial_value") = 0)
      .def(
          "create_command_buffer",
          [](const Device& self, uint32_t slot_count) {
            CommandBuffer commands;
            check(self->vtable->create_command_buffer(self.get(), slot_count, commands.out()));
            return commands;
          },
          nb::arg("slot_count") = 0)
      .def("prepare_executable", prepare_executable, nb::arg("format"), nb::arg("data"),
           nb::sig("def prepare_executable(self, format: str, data: typing.Any) -> Executable"),
           "Verifies and loads device code. IncompatibleError for another format or machine, "
           "DataLossError "
           "for malformed bytes.")
      .def("queue_alloca", queue_alloca, nb::arg("length"), nb::arg("memory_type") = any,
           nb::arg("usage") = kArrayUsage, nb::arg("wait") = nb::none(),
           nb::arg("signal") = nb::none(),
           nb::sig("def queue_alloca(self, length: int, memory_type: int = ..., usage: int = ..., "
                   "wait: " IREE_TIMEPOINTS " = None, signal: " IREE_TIMEPOINTS
                   " = None) -> Buffer"),
           "A buffer that may be touched once `signal` is reached.")
      .def("queue_dealloca", queue_dealloca, nb::arg("buffer"), nb::arg("wait") = nb::none(),
           nb::arg("signal") = nb::none(),
           nb::sig("def queue_dealloca(self, buffer: Buffer, wait: " IREE_TIMEPOINTS
                   " = None, signal: " IREE_TIMEPOINTS " = None) -> None"),
           "Lets the memory be reused once `wait` is reached.")
      .def("queue_fill", queue_fill, nb::arg("target"), nb::arg("pattern"),
           nb::arg("wait") = nb::none(), nb::arg("signal") = nb::none(),
           nb::sig("def queue_fill(self, target: Buffer | Binding, pattern: typing.Any, "
                   "wait: " IREE_TIMEPOINTS " = None, signal: " IREE_TIMEPOINTS " = None) -> None"),
           "Repeats a pattern of 1, 2, 4 or 8 bytes over the target.")
      .def("queue_copy", queue_copy, nb::arg("source"), nb::arg("target"),
           nb::arg("wait") = nb::none(), nb::arg("signal") = nb::none(),
           nb::sig("def queue_copy(self, source: Buffer | Binding, target: Buffer | Binding, "
                   "wait: " IREE_TIMEPOINTS " = None, signal: " IREE_TIMEPOINTS " = None) -> None"),
           "Copies between ranges of one length that do not overlap.")
      .def("queue_execute", queue_execute, nb::arg("command_buffer") = nb::none(),
           nb::arg("bindings") = nb::make_tuple(), nb::arg("wait") = nb::none(),
           nb::arg("signal") = nb::none(),
           nb::sig("def queue_execute(self, command_buffer: CommandBuffer | None = None, bindings: "
                   "collections.abc.Iterable[Buffer | Binding] = (), wait: " IREE_TIMEPOINTS
                   " = None, signal: " IREE_TIMEPOINTS " = None) -> None"),
           "Executes a command buffer with its slots bound; None is a pure barrier.")
      .def(
          "__iree_hal_device__",
          [](const Device& self) {
            nb::object capsule =
                nb::steal(PyCapsule_New(self.get(), IREE_HAL_DEVICE_CAPSULE, free_device_capsule));
            if (!capsule.is_valid()) nb::raise_python_error();
            iree_hal_retain(self.get());
            return capsule;
          },
          nb::sig("def __iree_hal_device__(self) -> typing.Any"),
          "A PyCapsule of the C object, for other extensions.")
      .def_static(
          "from_capsule",
          [](nb::handle capsule) {
            void* device = PyCapsule_GetPointer(capsule.ptr(), IREE_HAL_DEVICE_CAPSULE);
            if (!device) nb::raise_python_error();
            return Device::retain(static_cast<iree_hal_device_t*>(device));
          },
          nb::arg("capsule"), nb::sig("def from_capsule(capsule: typing.Any) -> Device"))
      .def(
          "__eq__", [](const Device& a, const Device& b) { return a.get() == b.get(); },
          nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const Device& self) { return reinterpret_cast<uintptr_t>(self.get()) >> 4; })
      .def("__repr__", [](const Device& self) {
        return nb::str("<iree.hal.Device {!r}: {}>").format(self->uri, self->name);
      });
}

}  // namespace iree::hal::py

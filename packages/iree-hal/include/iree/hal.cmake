# What the CMakeLists.txt of native packages have in common; found beside the headers, through `iree.hal.get_include()`.
#
#   cmake_minimum_required(VERSION 3.21)
#   project(my_driver LANGUAGES CXX)
#   find_package(Python 3.11 REQUIRED COMPONENTS Interpreter OPTIONAL_COMPONENTS Development.Module Development.SABIModule)
#   execute_process(COMMAND "${Python_EXECUTABLE}" -c "import iree.hal; print(iree.hal.get_include())"
#                   OUTPUT_VARIABLE IREE_HAL_INCLUDE_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
#   include("${IREE_HAL_INCLUDE_DIR}/iree/hal.cmake")
#
#   iree_options(MY_DRIVER)                                   # MY_DRIVER_PYTHON, MY_DRIVER_TOOLS, MY_DRIVER_SANITIZE
#   iree_library(my_driver native/driver.cpp)                 # everything but Python, so that C++ tests link it too
#   iree_version(my_driver MY_DRIVER_VERSION src/my_driver/_version.py)
#   iree_extension(my_driver my_driver native/module.cpp)     # if MY_DRIVER_PYTHON: my_driver/_native.so

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
find_package(Threads REQUIRED)

# Declares the options of a package, and remembers their prefix for what follows in the same CMakeLists.txt.
macro(iree_options PREFIX)
  set(IREE_PREFIX "${PREFIX}")
  option(${PREFIX}_PYTHON "Build the Python extension" ON)
  option(${PREFIX}_TOOLS "Build the C++ tests, fuzzers and benchmarks" OFF)
  set(${PREFIX}_SANITIZE "" CACHE STRING "Sanitizers for everything: address,undefined or thread")
endmacro()

# A static library of the package, with the folder of its first source and the HAL's headers for whoever links it.
function(iree_library NAME FIRST)
  add_library(${NAME} STATIC ${FIRST} ${ARGN})
  get_filename_component(FIRST "${FIRST}" ABSOLUTE)
  get_filename_component(FOLDER "${FIRST}" DIRECTORY)
  target_include_directories(${NAME} PUBLIC "${FOLDER}" "${IREE_HAL_INCLUDE_DIR}")
  target_compile_options(${NAME} PRIVATE -Wall -Wextra -Wno-missing-field-initializers -ffunction-sections -fdata-sections)
  target_link_libraries(${NAME} PUBLIC Threads::Threads)
  if(${IREE_PREFIX}_SANITIZE)
    set(SANITIZE "-fsanitize=${${IREE_PREFIX}_SANITIZE}")
    target_compile_options(${NAME} PUBLIC ${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
    target_link_options(${NAME} PUBLIC ${SANITIZE})
  endif()
endfunction()

# Defines DEFINITION as the `__version__` of FILE, in quotes.
function(iree_version NAME DEFINITION FILE)
  file(STRINGS "${FILE}" LINE REGEX "^__version__ = ")
  string(REGEX REPLACE "^__version__ = \"(.*)\"$" "\\1" VERSION "${LINE}")
  target_compile_definitions(${NAME} PRIVATE ${DEFINITION}="${VERSION}")
endfunction()

# The extension `_native` of the Python package FOLDER, from LIBRARY and the sources that know Python.
macro(iree_extension FOLDER LIBRARY)
  if(${IREE_PREFIX}_PYTHON)
    execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
                    OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    find_package(nanobind CONFIG REQUIRED)
    nanobind_add_module(_native STABLE_ABI NB_STATIC NB_DOMAIN iree LTO ${ARGN})
    target_compile_options(_native PRIVATE -Wall -Wextra -Wno-missing-field-initializers)
    target_link_libraries(_native PRIVATE ${LIBRARY})
    target_link_options(_native PRIVATE -Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,-z,now)
    install(TARGETS _native LIBRARY DESTINATION ${FOLDER})
  endif()
endmacro()

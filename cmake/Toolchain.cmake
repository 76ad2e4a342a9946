# How everything is compiled: warnings, a fast linker and a compiler cache where there is one, and
# the sanitizer that a preset asks for.

set(TOLL_SANITIZE "" CACHE STRING "Sanitizers for the whole build, e.g. address,undefined or thread")
option(TOLL_WARNINGS_ARE_ERRORS "Stop at the first warning" ON)
option(TOLL_FUZZ "Build the libFuzzer targets (clang)" OFF)
option(TOLL_FUZZ_LIGHT "Trace edges only in them, for long runs: four times as many executions a second" OFF)

# Optimised builds carry what a backtrace needs and no more: full debug information costs a quarter
# of the build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

add_compile_options(-Wall -Wextra $<$<BOOL:${TOLL_WARNINGS_ARE_ERRORS}>:-Werror>)
# GCC 12 at -O3 sees overlaps in `"text" + string` that are not there (GCC bug 105651).
add_compile_options($<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)

# GCC collects its garbage less often where there is memory: a twentieth of a build for half a GiB a job.
cmake_host_system_information(RESULT memory_mib QUERY TOTAL_PHYSICAL_MEMORY)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND memory_mib GREATER 7000)
  add_compile_options("SHELL:--param ggc-min-heapsize=600000")
endif()

# The rooms also make a shared library (cmake/Install.cmake), which shows its doors and nothing else.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# std::stable_sort of libstdc++ 12 uses what the library itself declares deprecated, and clang says so.
add_compile_options($<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)

find_program(TOLL_CCACHE ccache)
if(TOLL_CCACHE)
  # With precompiled headers (cmake/SharedHeaders.cmake) it caches only where it is told what to overlook.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${TOLL_CCACHE})
endif()

find_program(TOLL_MOLD mold)
if(TOLL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(TOLL_SANITIZE)
  add_compile_options(-fsanitize=${TOLL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOLL_SANITIZE})
endif()
if(TOLL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  if(TOLL_FUZZ_LIGHT)
    add_compile_options(-fno-sanitize-coverage=trace-cmp,stack-depth)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
  endif()
endif()

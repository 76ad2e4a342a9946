# Headers that nearly every source includes are parsed once for all sources that are compiled alike,
# which saves a quarter of a whole build. The dev preset asks for it; the others read each header
# where it is included, so that a missing #include shows.

option(TOLL_SHARED_HEADERS "Precompile the headers of the standard library, fmt and GoogleTest" OFF)

set(TOLL_STANDARD_HEADERS
  <algorithm> <array> <charconv> <chrono> <cstdint> <expected> <functional> <map> <memory> <mutex>
  <optional> <ranges> <set> <span> <string> <string_view> <utility> <variant> <vector>)

# toll_shared_headers(NAME KIND HEADERS header... [LIBRARIES library...] [OPTIONS option...])
#   KIND is that of the targets that share them: OBJECT for libraries, or EXECUTABLE, whose code is placed otherwise.
function(toll_shared_headers name kind)
  if(NOT TOLL_SHARED_HEADERS)
    return()
  endif()
  cmake_parse_arguments(SHARED "" "" "HEADERS;LIBRARIES;OPTIONS" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "int main() {}\n")
  if(kind STREQUAL EXECUTABLE)
    add_executable(${name} ${source})
  else()
    add_library(${name} OBJECT ${source})
  endif()
  target_link_libraries(${name} PRIVATE ${SHARED_LIBRARIES})
  target_compile_options(${name} PRIVATE ${SHARED_OPTIONS})
  target_precompile_headers(${name} PRIVATE ${SHARED_HEADERS})
endfunction()

# toll_use_shared_headers(TARGET NAME)
function(toll_use_shared_headers target name)
  if(TOLL_SHARED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${name})
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # for ccache
  endif()
endfunction()

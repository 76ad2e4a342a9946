# Third-party libraries. All but cpp-httplib come from Debian packages (./dev deps installs them).

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(date REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(RocksDB REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(rapidcheck REQUIRED)

# LLVM's version file wants major.minor, and several LLVMs may be installed side by side.
find_package(LLVM 19.1 REQUIRED CONFIG PATHS /usr/lib/llvm-19 NO_DEFAULT_PATH)
add_library(toll_llvm INTERFACE)
target_include_directories(toll_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
# Its definitions are macros that C++ has not needed since C++11; with them no header could be shared.
target_link_libraries(toll_llvm INTERFACE LLVM)
target_link_directories(toll_llvm INTERFACE ${LLVM_LIBRARY_DIRS})

# Debian 12's own cpp-httplib is too old to be exposed; ./dev deps fetches a newer single header.
find_path(TOLL_HTTPLIB_DIR httplib.h
  HINTS ${CMAKE_SOURCE_DIR}/.deps/httplib
  DOC "Folder that holds httplib.h of cpp-httplib 0.41 or newer")
if(NOT TOLL_HTTPLIB_DIR)
  message(FATAL_ERROR "cpp-httplib is missing: run ./dev deps, or pass -DTOLL_HTTPLIB_DIR=FOLDER")
endif()
file(STRINGS ${TOLL_HTTPLIB_DIR}/httplib.h httplib_version REGEX "^#define CPPHTTPLIB_VERSION \"")
string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" httplib_version "${httplib_version}")
if(httplib_version VERSION_LESS 0.41)
  message(FATAL_ERROR "cpp-httplib ${httplib_version} in ${TOLL_HTTPLIB_DIR} is too old: 0.41 or newer is needed. Run ./dev deps")
endif()
add_library(toll_httplib INTERFACE)
target_include_directories(toll_httplib SYSTEM INTERFACE ${TOLL_HTTPLIB_DIR})
target_link_libraries(toll_httplib INTERFACE Threads::Threads)
# A peer that went away is an error of the call, and no signal that ends the process.
target_compile_definitions(toll_httplib INTERFACE CPPHTTPLIB_SEND_FLAGS=MSG_NOSIGNAL)

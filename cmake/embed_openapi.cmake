# Writes a source that holds the description of the service as one JSON document, of the parts that
# it is kept in: openapi.json, its `paths` by topic, and each kind of its `components`, in a file or a
# folder of them.
#   cmake -DFOLDER=server/openapi -DOUTPUT=openapi_document.cc -P embed_openapi.cmake

# Sets in `document`, below `path`, what the object in `file` has.
function(add_members file path)
  file(READ ${file} object)
  string(JSON count LENGTH "${object}")
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON name MEMBER "${object}" ${index})
    string(JSON value GET "${object}" ${name})
    string(JSON document SET "${document}" ${path} ${name} "${value}")
  endforeach()
  set(document "${document}" PARENT_SCOPE)
endfunction()

file(READ ${FOLDER}/openapi.json document)
string(JSON document SET "${document}" paths "{}")
string(JSON document SET "${document}" components "{}")
file(GLOB files ${FOLDER}/paths/*.json)
foreach(file ${files})
  add_members(${file} paths)
endforeach()
file(GLOB kinds RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER}/components ${FOLDER}/components/*)
foreach(entry ${kinds})
  cmake_path(GET entry STEM kind)
  string(JSON document SET "${document}" components ${kind} "{}")
  file(GLOB files ${FOLDER}/components/${kind}.json ${FOLDER}/components/${kind}/*.json)
  foreach(file ${files})
    add_members(${file} "components;${kind}")
  endforeach()
endforeach()

# A string literal of 64 KiB is more than compilers must take.
string(LENGTH "${document}" length)
set(literals "")
foreach(at RANGE 0 ${length} 16000)
  string(SUBSTRING "${document}" ${at} 16000 piece)
  string(APPEND literals "    R\"text(${piece})text\"\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from ${FOLDER} by cmake/embed_openapi.cmake.
#include \"server/openapi/document.h\"

namespace toll::server {

std::string_view openapi_document() {
  return
${literals};
}

}  // namespace toll::server
")

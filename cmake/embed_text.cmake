# Writes a source that holds a file as a string:
#   cmake -DFILE=openapi.json -DHEADER=server/openapi/document.h -DFUNCTION=openapi_document
#         -DNAMESPACE=toll::server -DOUTPUT=openapi.cc -P embed_text.cmake
file(READ ${FILE} text)
file(WRITE ${OUTPUT} "// Generated from ${FILE} by cmake/embed_text.cmake.
#include \"${HEADER}\"

namespace ${NAMESPACE} {

std::string_view ${FUNCTION}() { return R\"text(${text})text\"; }

}  // namespace ${NAMESPACE}
")

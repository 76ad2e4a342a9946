# Writes the source that holds the pages of docs/errors:
#   cmake -DFOLDER=docs/errors -DOUTPUT=error_pages.cc -P embed_pages.cmake
file(GLOB pages ${FOLDER}/[EW]*.md)
list(SORT pages)
set(entries "")
foreach(page IN LISTS pages)
  file(READ ${page} text)
  get_filename_component(code ${page} NAME_WE)
  string(APPEND entries "    {\"${code}\", R\"page(${text})page\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from docs/errors by cmake/embed_pages.cmake.
#include \"cli/pages/error_pages.h\"

namespace toll::cli {

std::span<const ErrorPage> error_pages() {
  static constexpr ErrorPage kPages[] = {
${entries}  };
  return kPages;
}

}  // namespace toll::cli
")

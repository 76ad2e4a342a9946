#include "server/routes/page.h"

#include <utility>

#include "server/routes/answers.h"

namespace toll::server {

Page::Page(std::string_view list, Bounds bounds, const Write& head) : bounds_(bounds) {
  json_.begin_object();
  if (head) head(json_);
  json_.key(list).begin_array();
}

http::Response Page::answer() {
  json_.end_array();
  if (more_) json_.text("cursor", last_);
  json_.end_object();
  return json_answer(std::move(body_));
}

}  // namespace toll::server

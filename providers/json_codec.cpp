#include <magna/providers/json_codec.hpp>

#include <magna/providers/auth.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/url.hpp>

namespace magna {

http_request json_codec::encode(const call& what) const {
  const bool lines = about_.framing == stream_framing::ndjson;
  http_request result;
  result.url = join_url(what.where.base_url, path_of(what));
  result.headers = {{"Content-Type", "application/json"},
                    {"Accept", !what.stream ? "application/json"
                               : lines      ? "application/x-ndjson"
                                            : "text/event-stream"}};
  add_headers(result.headers, what.where);
  add_extra_headers(result.headers, what.where);
  auto body = body_of(what);
  if (!what.params.extra_body.empty()) {
    auto extra = parse_object(what.params.extra_body);
    // What a model refuses it refuses from here, too.
    for (const auto& name : what.refused)
      extra.erase(name);
    body.merge_patch(extra);
  }
  result.body = dump(body);
  sign(result, what.where, about_);
  return result;
}

http_request json_codec::encode_probe(const endpoint& where, std::string_view model) const {
  http_request result;
  result.headers = {{"Accept", "application/json"}};
  if (const auto post = probe_post_of(where, model); !post.path.empty()) {
    result.url = join_url(where.base_url, post.path);
    result.headers.emplace_back("Content-Type", "application/json");
    result.body = dump(post.body);
  } else {
    result.method = "GET";
    result.url = join_url(where.base_url, probe_path(model));
  }
  add_headers(result.headers, where);
  add_extra_headers(result.headers, where);
  sign(result, where, about_);
  return result;
}

std::optional<response_error> json_codec::judge_probe(const http_head& head, std::string_view body,
                                                      std::string_view model) const {
  nlohmann::json document;
  if (auto error = read_probe(about_, head, body, document))
    return error;
  return judge_document(document, model);
}

probe_post json_codec::probe_post_of(const endpoint&, std::string_view) const {
  return {};
}

void json_codec::add_headers(http_headers& headers, const endpoint& where) const {
  add_key(headers, where, about_);
}

std::optional<response_error> json_codec::judge_document(const nlohmann::json&, std::string_view) const {
  return std::nullopt;
}

} // namespace magna

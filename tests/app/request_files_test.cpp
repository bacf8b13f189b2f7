#include <magna/app/request_files.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <magna/app/prompt.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;
using namespace magna::app;

namespace {

struct files {
  std::filesystem::path directory =
    std::filesystem::temp_directory_path() / ("magna-request-files-" + std::to_string(::getpid()));

  files() { std::filesystem::create_directories(directory); }
  ~files() { std::filesystem::remove_all(directory); }
  files(const files&) = delete;
  files& operator=(const files&) = delete;

  std::string write(std::string_view name, std::string_view content) const {
    const auto path = directory / name;
    std::ofstream{path, std::ios::binary} << content;
    return path.string();
  }

  static request with(const request_files& what) {
    request result{.messages = {{role::user, "hi"}}};
    add_files(result, what);
    return result;
  }

  static std::string refused(const request_files& what) {
    try {
      with(what);
    } catch (const prompt_error& error) {
      return error.what();
    }
    return "accepted";
  }
};

} // namespace

SUITE("app.request_files") {

WITH_FIXTURE(files) {

TEST("pictures are known by their bytes, and may be URLs") {
  const auto png = write("a.jpg", "\x89PNG\r\n\x1a\nrest");
  const auto made = with({.images = {png, "https://h/a.png"}}).messages.at(0).images;
  require_eq(made.size(), 2u);
  check_eq(made[0].mime_type, "image/png");
  check_eq(made[0].data, "iVBORw0KGgpyZXN0");
  check_eq(made[1].url, "https://h/a.png");
  check_ne(refused({.images = {write("b.png", "text")}}).find("is no picture"), std::string::npos);
  check_ne(refused({.images = {(directory / "none").string()}}).find("can't be read"), std::string::npos);
  test::check_found(refused({.images = {write("empty.png", "")}}), "empty.png: is empty");
  test::check_found(refused({.images = {"ftp://h/a.png"}}), "http and https are taken");
}

TEST("tools and a schema come from files of JSON") {
  const auto tools =
    write("tools.json",
          R"([{"name":"look_up","description":"Finds.","parameters":{"type":"object"}},{"name":"now"}])");
  const auto schema = write("schema.json", R"({"type":"object"})");
  const auto made = with({.tools = tools, .json_schema = schema});
  check(made.tools
        == std::vector<tool_definition>{{"look_up", "Finds.", R"({"type":"object"})"}, {"now", "", ""}});
  check(made.format == answer_format::json_schema);
  check_eq(made.json_schema, R"({"type":"object"})");
  check_ne(refused({.tools = schema}).find("must be a list of tools"), std::string::npos);
  check_ne(refused({.tools = write("bad.json", R"([{"description":"x"}])")}).find("must be a list of tools"),
           std::string::npos);
  check_ne(refused({.json_schema = tools}).find("an object is needed"), std::string::npos);
  check_ne(refused({.json_schema = write("no.json", "{")}).find("is not JSON"), std::string::npos);
  test::check_found(refused({.json_schema = write("no.json", "{\n\"a\": 1\n\"b\": 2\n}\n")}),
                    "is not JSON: see line 3");
  test::check_found(refused({.tools = write("empty.json", "")}), "empty.json: is empty");
}

} // WITH_FIXTURE(files)

} // SUITE("app.request_files")

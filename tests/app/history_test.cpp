#include <magna/app/history.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

#include <magna/app/prompt.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;
using namespace magna::app;

namespace {

struct histories {
  std::filesystem::path directory =
    std::filesystem::temp_directory_path() / ("magna-history-" + std::to_string(::getpid()));

  histories() { std::filesystem::create_directories(directory); }
  ~histories() { std::filesystem::remove_all(directory); }
  histories(const histories&) = delete;
  histories& operator=(const histories&) = delete;

  std::string path(std::string_view name) const { return (directory / name).string(); }

  std::vector<chat_message> read(std::string_view content) const {
    std::ofstream{path("in.json"), std::ios::binary} << content;
    return read_history(path("in.json"), -1);
  }

  std::string refused(std::string_view content) const {
    try {
      read(content);
    } catch (const prompt_error& error) {
      return error.what();
    }
    return "accepted";
  }
};

const std::vector<chat_message> talk{{role::user, "Hello"}, {role::assistant, "caf\xC3\xA9"}};

} // namespace

SUITE("app.history") {

TEST("what is saved can be read again, also over an older one") {
  const histories here;
  save_history(here.path("chat.json"), {talk[0]});
  save_history(here.path("chat.json"), talk);
  check(read_history(here.path("chat.json"), -1) == talk);
  // Nothing else is left behind.
  check_eq(std::distance(std::filesystem::directory_iterator{here.directory}, {}), 1);
}

TEST("a list, an object of ours and one of OpenAI's are read") {
  const histories here;
  check(here.read(R"([{"role":"user","content":"Hello"},{"role":"assistant","content":"café"}])") == talk);
  check(here.read(R"({"version":1,"messages":[{"role":"user","content":"Hello"},)"
                  R"({"role":"assistant","content":"café"}]})")
        == talk);
  check(here.read(
          R"({"model":"gpt-6","temperature":1,"stream":"yes","messages":[{"role":"user","content":"Hello"},)"
          R"({"role":"assistant","content":[{"type":"text","text":"café"}]}]})")
        == talk);
}

TEST("what is no conversation is an error with the file's name and the place") {
  const histories here;
  const auto name = here.path("in.json") + ": ";
  check_eq(here.refused("[{"), name + "is not JSON: see line 1");
  check_eq(
    here.refused("5"),
    name
      + R"(must be a list of messages, [{"role": "user", "content": "..."}, ...], or an object with `messages`)");
  check_eq(here.refused(R"([{"role":"guest"}])"), name + "messages[0].role: 'guest' is none of its values");
  check_eq(here.refused(R"({"version":9,"messages":[]})"),
           name + "version: 9 was written by a newer magna; this one reads 1");
}

TEST("a place where nothing can be written is refused") {
  const histories here;
  const auto refused = [](const std::string& path) {
    try {
      require_savable(path);
    } catch (const prompt_error& error) {
      return std::string{error.what()};
    }
    return std::string{"accepted"};
  };
  check_eq(refused(here.path("new.json")), "accepted");
  check_eq(refused(here.directory.string()),
           here.directory.string() + ": the conversation can't be written there: it is no file");
  check_ne(refused(here.path("none/new.json")).find("No such file"), std::string::npos);
  check_ne(refused("/dev/null").find("it is no file"), std::string::npos);
}

TEST("who may read a file, and what leads to it, stays as it was") {
  using std::filesystem::perms;
  const histories here;
  save_history(here.path("private.json"), {talk[0]});
  std::filesystem::permissions(here.path("private.json"), perms::owner_read | perms::owner_write);
  std::filesystem::create_symlink("private.json", here.directory / "link.json");
  save_history(here.path("link.json"), talk);
  check(std::filesystem::is_symlink(here.directory / "link.json"));
  check(std::filesystem::status(here.path("private.json")).permissions()
        == (perms::owner_read | perms::owner_write));
  check(read_history(here.path("private.json"), -1) == talk);
}

} // SUITE("app.history")

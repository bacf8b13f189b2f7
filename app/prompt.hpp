#pragma once

#include <stdexcept>
#include <string>

namespace magna::app {

/// The prompt can't be used; `what()` says why.
class prompt_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The prompt that an argument stands for: itself, or for "-" all that can be read from `input`. Throws
/// `prompt_error` if it can't be read, is blank, too long, or not UTF-8; `what` is how errors call it.
std::string read_prompt(const std::string& argument, int input, const std::string& what = "the prompt");

/// Throws `prompt_error` if text for a model is not UTF-8; `what` names it.
void require_utf8(const std::string& text, const std::string& what);

} // namespace magna::app

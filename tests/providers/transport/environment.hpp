#pragma once

#include <cstdlib>
#include <string>

namespace magna::test {

/// A variable of the environment, for as long as it lives.
class variable {
public:
  variable(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~variable() { unsetenv(name_.c_str()); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

private:
  std::string name_;
};

} // namespace magna::test

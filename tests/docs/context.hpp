#pragma once

#include <chrono>
#include <csignal>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <nlohmann/json.hpp>

#include <magna/magna.hpp>

// What the documents' pieces of code take as given.

using namespace std::chrono_literals;

/// Takes anything.
template <class... Ts>
void use(const Ts&...) {}

struct context {
  magna::client& llm;
  magna::runtime& runtime;
  caf::actor_system& sys;
  magna::service_actor service;
  magna::self_pointer<magna::requester_actor> self;
  magna::requester_actor requester;
  magna::request question;
  std::string key;
};

#define MAGNA_DOCS_NAMES(given)                                                                              \
  [[maybe_unused]] auto& llm = (given).llm;                                                                  \
  [[maybe_unused]] auto& runtime = (given).runtime;                                                          \
  [[maybe_unused]] auto& sys = (given).sys;                                                                  \
  [[maybe_unused]] auto& service = (given).service;                                                          \
  [[maybe_unused]] auto self = (given).self;                                                                 \
  [[maybe_unused]] auto& requester = (given).requester;                                                      \
  [[maybe_unused]] auto& question = (given).question;                                                        \
  [[maybe_unused]] auto& key = (given).key;

#include "lab.hpp"

#include <cstdlib>
#include <stdexcept>

#include <unistd.h>

namespace magna::test {

namespace {

constexpr const char* ip = "PATH=$PATH:/sbin:/usr/sbin ip ";

bool try_run(const std::string& arguments) {
  return std::system((ip + arguments + " >/dev/null 2>&1").c_str()) == 0;
}

void run(const std::string& arguments) {
  if (!try_run(arguments))
    throw std::runtime_error{"this failed: ip " + arguments};
}

} // namespace

bool lab::is_possible() {
  const auto probe = "magna-probe-" + std::to_string(::getpid());
  if (::geteuid() != 0 || !try_run("netns add " + probe))
    return false;
  const auto has_cables = try_run("-n " + probe + " link add near type veth peer name far");
  try_run("netns del " + probe);
  return has_cables;
}

lab::lab(std::size_t hosts) : router_("magna-" + std::to_string(::getpid())), hosts_(hosts) {
  run("netns add " + router_);
  run("-n " + router_ + " link set lo up");
  for (std::size_t i = 0; i < hosts_; ++i) {
    const auto port = "host" + std::to_string(i);
    const auto network = "10.77." + std::to_string(i) + ".";
    run("netns add " + name(i));
    run("-n " + router_ + " link add " + port + " type veth peer name cable netns " + name(i));
    run("-n " + router_ + " address add " + network + "1/24 dev " + port);
    run("-n " + router_ + " link set " + port + " up");
    run("-n " + name(i) + " link set lo up");
    run("-n " + name(i) + " address add " + network + "2/24 dev cable");
    run("-n " + name(i) + " link set cable up");
    run("-n " + name(i) + " route add default via " + network + "1");
  }
  heal();
}

lab::~lab() {
  for (std::size_t i = 0; i < hosts_; ++i)
    try_run("netns del " + name(i));
  try_run("netns del " + router_);
}

std::string lab::address(std::size_t host) const {
  return "10.77." + std::to_string(host) + ".2";
}

std::string lab::name(std::size_t host) const {
  return router_ + "-" + std::to_string(host);
}

std::vector<std::string> lab::on(std::size_t host) const {
  // Each becomes the next one, so that signals reach the command.
  return {"/usr/bin/env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "ip", "netns", "exec", name(host)};
}

void lab::forward(bool on) const {
  run("netns exec " + router_ + " sh -c 'echo " + (on ? "1" : "0") + " > /proc/sys/net/ipv4/ip_forward'");
}

} // namespace magna::test

#include <magna/actors/observers/all_observers.hpp>

#include <utility>

#include <magna/actors/health/health_observer.hpp>
#include <magna/actors/observers/log_observer.hpp>
#include <magna/actors/observers/observer_thread.hpp>

namespace magna {

observers_ptr all_observers(const routing_table_ptr& table,
                            std::vector<std::shared_ptr<observer>> applications) {
  std::vector<std::shared_ptr<observer>> list{
    std::make_shared<health_observer>(table),
    std::make_shared<log_observer>(),
  };
  for (auto& x : applications)
    if (x)
      list.push_back(std::make_shared<observer_thread>(std::move(x)));
  return std::make_shared<const observers>(std::move(list));
}

} // namespace magna

#include <magna/actors/observers/all_observers.hpp>

#include <utility>

#include <magna/actors/health/health_observer.hpp>
#include <magna/actors/observers/log_observer.hpp>

namespace magna {

observers_ptr all_observers(const routing_table_ptr& table,
                            const std::vector<std::shared_ptr<observer_thread>>& applications) {
  std::vector<std::shared_ptr<observer>> list{
    std::make_shared<health_observer>(table),
    std::make_shared<log_observer>(),
  };
  list.insert(list.end(), applications.begin(), applications.end());
  return std::make_shared<const observers>(std::move(list));
}

} // namespace magna

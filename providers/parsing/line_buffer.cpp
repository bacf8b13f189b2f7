#include <magna/providers/parsing/line_buffer.hpp>

#include <algorithm>
#include <cstring>

#include <magna/text/assert.hpp>

namespace magna {

namespace {

/// An event or two: an idle stream keeps it.
constexpr std::size_t min_capacity = 512;

/// What is kept for the next lines when a long one is through.
constexpr std::size_t kept_capacity = std::size_t{64} << 10;

} // namespace

void line_buffer::append(std::string_view bytes) {
  if (bytes.empty())
    return;
  if (begin_ == end_)
    moved(begin_);
  if (bytes.size() > capacity_ - end_) {
    // Moving pays only when at least as much was used up as is moved; otherwise the capacity doubles.
    const auto needed = held() + bytes.size();
    if (needed <= capacity_ && begin_ >= held())
      relocate(capacity_);
    else
      relocate(std::max({needed, 2 * capacity_, min_capacity}));
  }
  std::memcpy(data_.get() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

std::optional<line_buffer::span> line_buffer::next_line() {
  if (skip_lf_ && next_ < end_) {
    skip_lf_ = false;
    if (data_[next_] == '\n')
      ++next_;
  }
  const auto lf = find('\n', lf_);
  const auto cr = cr_ends_line_ ? find('\r', cr_) : npos;
  const auto stop = std::min(lf, cr);
  if (stop == npos)
    return std::nullopt;
  span result{next_ - begin_, stop - next_};
  next_ = stop + 1;
  if (stop == lf) {
    if (!cr_ends_line_ && result.size > 0 && data_[stop - 1] == '\r')
      --result.size;
  } else if (next_ == end_) {
    skip_lf_ = true;
  } else if (data_[next_] == '\n') {
    ++next_;
  }
  return result;
}

std::optional<line_buffer::span> line_buffer::last_line() {
  if (next_ == end_)
    return std::nullopt;
  span result{next_ - begin_, end_ - next_};
  next_ = end_;
  return result;
}

std::string_view line_buffer::view(span where) const {
  MAGNA_ASSERT(where.offset <= held() && where.size <= held() - where.offset);
  return {data_.get() + begin_ + where.offset, where.size};
}

void line_buffer::trim() {
  if (capacity_ <= kept_capacity || held() > capacity_ / 4)
    return;
  if (held() == 0) {
    moved(begin_);
    data_.reset();
    capacity_ = 0;
  } else {
    relocate(std::max(2 * held(), min_capacity));
  }
}

std::size_t line_buffer::find(char c, search& state) {
  if (state.hit != npos && state.hit >= next_)
    return state.hit;
  state.hit = npos;
  const auto from = std::max(state.searched, next_);
  if (from < end_) {
    const auto* base = data_.get();
    if (const auto* found = static_cast<const char*>(std::memchr(base + from, c, end_ - from));
        found != nullptr)
      state.hit = static_cast<std::size_t>(found - base);
    state.searched = state.hit == npos ? end_ : state.hit + 1;
  }
  return state.hit;
}

void line_buffer::relocate(std::size_t capacity) {
  if (capacity == capacity_) {
    std::memmove(data_.get(), data_.get() + begin_, held());
  } else {
    auto bigger = std::make_unique_for_overwrite<char[]>(capacity + padding);
    if (held() > 0)
      std::memcpy(bigger.get(), data_.get() + begin_, held());
    data_ = std::move(bigger);
    capacity_ = capacity;
  }
  moved(begin_);
}

void line_buffer::moved(std::size_t distance) noexcept {
  begin_ -= distance;
  next_ -= distance;
  end_ -= distance;
  for (auto* state : {&lf_, &cr_}) {
    state->searched = state->searched > distance ? state->searched - distance : 0;
    state->hit = state->hit != npos && state->hit >= distance ? state->hit - distance : npos;
  }
}

} // namespace magna

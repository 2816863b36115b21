// Digests of events.
#include <charconv>

#include <fmt/format.h>

#include <colossim/experiment/event_log.hpp>

namespace colossim {

namespace {

constexpr std::string_view magic = "colossim events 1 ";

}  // namespace

std::string EventDigests::bytes() const {
  std::string out = fmt::format("{}{}\n", magic, stride);
  for (const std::uint16_t digest : digests) {
    out += static_cast<char>(digest & 0xff);
    out += static_cast<char>(digest >> 8);
  }
  return out;
}

std::optional<EventDigests> EventDigests::parse(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (!bytes.starts_with(magic) || end == std::string_view::npos) return std::nullopt;
  EventDigests out;
  const std::string_view number = bytes.substr(magic.size(), end - magic.size());
  const auto [stop, error] =
      std::from_chars(number.data(), number.data() + number.size(), out.stride);
  if (error != std::errc{} || stop != number.data() + number.size() || out.stride == 0)
    return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  for (std::size_t at = end + 1; at + 1 < bytes.size(); at += 2)
    out.digests.push_back(static_cast<std::uint16_t>(byte(at) | (byte(at + 1) << 8)));
  return out;
}

void EventLog::dispatching(SimTime now, const Event& event) {
  const std::string line = fmt::format("{},{},{}\n", now.ns(), event_name(event), event_row(event));
  hash_.add(line);
  ++events_;
  if (expected_ && !divergence_) {
    window_.push_back(line.substr(0, line.size() - 1));
    compare(now);
  }
  if (events_ % digests_.stride != 0) return;
  digests_.digests.push_back(static_cast<std::uint16_t>(hash_.value()));
  if (digests_.digests.size() < EventDigests::most) return;
  // Half of them do.
  for (std::size_t i = 0; i < EventDigests::most / 2; ++i)
    digests_.digests[i] = digests_.digests[2 * i + 1];
  digests_.digests.resize(EventDigests::most / 2);
  digests_.stride *= 2;
}

void EventLog::compare(SimTime now) {
  if (events_ % expected_->stride != 0) return;
  const std::uint64_t at = events_ / expected_->stride - 1;
  const bool same = at < expected_->digests.size() &&
                    expected_->digests[at] == static_cast<std::uint16_t>(hash_.value());
  if (!same) divergence_ = Divergence{events_ - window_.size() + 1, window_, now};
  window_.clear();
}

std::string EventLog::hash() const {
  return fmt::format("{:016x}", hash_.value());
}

}  // namespace colossim

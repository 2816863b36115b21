// Packed jobs, sorted runs and their merge.
#include "job_sorter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <queue>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace colossim {

namespace {

/// The numbers of a job; its texts follow.
struct Packed {
  std::int64_t line;
  std::int64_t submit_ns;
  std::int64_t runtime_ns;
  std::int64_t estimate_ns;  // -1: absent
  std::int64_t gpus;
  std::int64_t nodes;
  std::int64_t priority;
  std::int64_t has_priority;
  std::array<std::uint32_t, 4> lengths;  // id, tenant, group, gpu

  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = sizeof *this;
    for (const std::uint32_t length : lengths) sum += length;
    return sum;
  }
};

Packed head_of(const char* bytes) {
  Packed packed;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled on the next line
  std::memcpy(&packed, bytes, sizeof packed);
  return packed;
}

void pack(const LogJob& job, std::string& out) {
  const auto length = [](const std::string& text) {
    return static_cast<std::uint32_t>(text.size());
  };
  const Packed packed{
      .line = job.line,
      .submit_ns = job.submit.ns(),
      .runtime_ns = job.runtime.ns(),
      .estimate_ns = job.estimate ? job.estimate->ns() : -1,
      .gpus = job.gpus,
      .nodes = job.nodes,
      .priority = job.priority.value_or(0),
      .has_priority = job.priority ? 1 : 0,
      .lengths = {length(job.id), length(job.tenant), length(job.group), length(job.gpu)}};
  std::array<char, sizeof packed> head{};
  std::memcpy(head.data(), &packed, sizeof packed);
  out.append(head.data(), head.size());
  for (const std::string* text : {&job.id, &job.tenant, &job.group, &job.gpu}) out += *text;
}

void unpack(const char* bytes, LogJob& job) {
  const Packed packed = head_of(bytes);
  job.line = packed.line;
  job.submit = Duration{packed.submit_ns};
  job.runtime = Duration{packed.runtime_ns};
  job.estimate.reset();
  if (packed.estimate_ns >= 0) job.estimate = Duration{packed.estimate_ns};
  job.gpus = packed.gpus;
  job.nodes = packed.nodes;
  job.priority.reset();
  if (packed.has_priority != 0) job.priority = packed.priority;
  const std::array<std::string*, 4> texts{&job.id, &job.tenant, &job.group, &job.gpu};
  const char* at = bytes + sizeof packed;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i]->assign(at, packed.lengths[i]);
    at += packed.lengths[i];
  }
}

[[noreturn]] void fail(const char* action, const std::filesystem::path& path) {
  throw std::system_error(
      errno, std::generic_category(),
      fmt::format("cannot {} a temporary file beside {}", action, path.string()));
}

/// Reads a run of packed jobs through a buffer.
class RunReader {
 public:
  RunReader(int descriptor, std::int64_t begin, std::int64_t end, const std::filesystem::path& path)
      : descriptor_(descriptor), at_(begin), end_(end), path_(&path) {}

  /// The bytes of the next job, or null at the end of the run.
  const char* next() {
    consumed_ += std::exchange(current_, 0);
    if (!fill(sizeof(Packed))) return nullptr;
    const std::size_t bytes = head_of(buffer_.data() + consumed_).bytes();
    fill(bytes);
    current_ = bytes;
    return buffer_.data() + consumed_;
  }

 private:
  /// Makes `bytes` available behind what is consumed; false when the run has no more.
  bool fill(std::size_t bytes) {
    while (buffer_.size() - consumed_ < bytes) {
      if (at_ == end_) return false;
      buffer_.erase(0, std::exchange(consumed_, 0));
      const std::size_t old = buffer_.size();
      const auto wanted = static_cast<std::size_t>(
          std::min<std::int64_t>(end_ - at_, static_cast<std::int64_t>(std::max(bytes, block))));
      buffer_.resize(old + wanted);
      const ::ssize_t count = ::pread(descriptor_, buffer_.data() + old, wanted, at_);
      if (count < 0 && errno != EINTR) fail("read", *path_);
      if (count == 0) {
        errno = EIO;  // somebody cut the file short
        fail("read", *path_);
      }
      buffer_.resize(old + static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
      at_ += std::max<::ssize_t>(count, 0);
    }
    return true;
  }

  static constexpr std::size_t block = std::size_t{64} << 10;

  int descriptor_;
  std::int64_t at_;
  std::int64_t end_;
  const std::filesystem::path* path_;
  std::string buffer_;
  std::size_t consumed_ = 0;
  std::size_t current_ = 0;
};

}  // namespace

JobSorter::~JobSorter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void JobSorter::add(const LogJob& job) {
  keys_.push_back({job.submit.ns(), packed_.size()});
  pack(job, packed_);
  if (packed_.size() + keys_.size() * sizeof(Key) >= memory_) spill();
}

void JobSorter::sort() {
  std::sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) {
    return std::pair{a.submit_ns, a.offset} < std::pair{b.submit_ns, b.offset};
  });
}

void JobSorter::open() {
  const std::string name = fmt::format("{}.{}.sort", beside_.string(), ::getpid());
  descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor_ < 0) fail("make", beside_);
  ::unlink(name.c_str());
}

void JobSorter::spill() {
  constexpr std::size_t block = std::size_t{1} << 20;
  if (descriptor_ < 0) open();
  sort();
  const std::int64_t begin = runs_.empty() ? 0 : runs_.back().end;
  std::int64_t end = begin;
  std::string out;
  const auto flush = [&] {
    for (std::string_view rest = out; !rest.empty();) {
      const ::ssize_t count = ::pwrite(descriptor_, rest.data(), rest.size(), end);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("write", beside_);
      end += count;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    out.clear();
  };
  for (const Key& key : keys_) {
    out.append(packed_, key.offset, head_of(packed_.data() + key.offset).bytes());
    if (out.size() >= block) flush();
  }
  flush();
  runs_.push_back({begin, end});
  packed_.clear();
  keys_.clear();
}

void JobSorter::drain(const std::function<void(const LogJob&)>& take) {
  if (!runs_.empty()) {
    if (!keys_.empty()) spill();
    merge(take);
    return;
  }
  sort();
  LogJob job;
  for (const Key& key : keys_) {
    unpack(packed_.data() + key.offset, job);
    take(job);
  }
}

void JobSorter::merge(const std::function<void(const LogJob&)>& take) {
  packed_ = {};
  keys_ = {};
  std::vector<RunReader> readers;
  readers.reserve(runs_.size());
  for (const Run& run : runs_) readers.emplace_back(descriptor_, run.begin, run.end, beside_);
  struct Front {
    std::int64_t submit_ns;
    std::size_t run;  // earlier runs hold earlier rows
    const char* bytes;
    bool operator<(const Front& other) const {  // a heap has its greatest on top
      return std::pair{submit_ns, run} > std::pair{other.submit_ns, other.run};
    }
  };
  std::priority_queue<Front> fronts;
  const auto push = [&](std::size_t run) {
    if (const char* bytes = readers[run].next())
      fronts.push({head_of(bytes).submit_ns, run, bytes});
  };
  for (std::size_t run = 0; run < readers.size(); ++run) push(run);
  LogJob job;
  while (!fronts.empty()) {
    const Front front = fronts.top();
    fronts.pop();
    unpack(front.bytes, job);
    take(job);
    push(front.run);
  }
}

}  // namespace colossim

// Statistics of finished jobs.
#include <algorithm>
#include <vector>

#include <colossim/record/job_statistics.hpp>

namespace colossim {

namespace {

constexpr double per_second = 1e-9;
constexpr double shortest_ns = 10e9;  // bounds the slowdown of short jobs

double quantile(std::vector<double>& values, double p) {
  const double place = p * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(values.begin(), at, values.end());
  const double first = *at;
  if (low + 1 == values.size()) return first;
  const double second = *std::min_element(at + 1, values.end());
  return first + (place - static_cast<double>(low)) * (second - first);
}

}  // namespace

void JobStatistics::add(const JobOutcome& job) {
  const Duration completion = job.ended - job.submitted;
  count({completion - job.held, completion, job.runtime, job.lost, job.account,
         static_cast<std::uint32_t>(job.gpus), static_cast<std::uint32_t>(job.preemptions)});
  first_submitted_ = std::min(first_submitted_, job.submitted);
  last_ended_ = std::max(last_ended_, job.ended);
}

void JobStatistics::count(const Row& row) {
  rows_.push_back(row);
  preemptions_ += row.preemptions;
  lost_ += static_cast<Int128>(row.lost.ns()) * row.gpus;
  work_ += static_cast<Int128>(row.runtime.ns()) * row.gpus;
}

std::int64_t JobStatistics::waited() const {
  return std::count_if(rows_.begin(), rows_.end(),
                       [](const Row& row) { return row.wait > Duration{}; });
}

template <class Value>
Spread JobStatistics::spread(const Value& value) const {
  if (rows_.empty()) return {};
  std::vector<double> values;
  values.reserve(rows_.size());
  double sum = 0;
  for (const Row& row : rows_) {
    values.push_back(value(row));
    sum += values.back();
  }
  Spread result;
  result.mean = sum / static_cast<double>(values.size());
  result.median = quantile(values, 0.5);
  result.p90 = quantile(values, 0.9);
  result.p99 = quantile(values, 0.99);
  result.max = *std::max_element(values.begin(), values.end());
  return result;
}

Spread JobStatistics::wait() const {
  return spread([](const Row& row) { return static_cast<double>(row.wait.ns()) * per_second; });
}

Spread JobStatistics::completion() const {
  return spread(
      [](const Row& row) { return static_cast<double>(row.completion.ns()) * per_second; });
}

Spread JobStatistics::bounded_slowdown() const {
  return spread([](const Row& row) {
    const double bounded = std::max(static_cast<double>(row.runtime.ns()), shortest_ns);
    return std::max(1.0, static_cast<double>(row.completion.ns()) / bounded);
  });
}

}  // namespace colossim

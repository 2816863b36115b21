// colossim run --fork: one past, two futures.
#include "fork.hpp"

#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "comparison_output.hpp"
#include "options.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;

/// `at=2026-11-01` or `at=2026-11-01T06:00`, UTC.
SimTime parse_instant(const std::string& text, Date start) {
  const auto fail = [&]() -> UsageError {
    return UsageError{
        fmt::format("--fork {}: expected at=YYYY-MM-DD or at=YYYY-MM-DDTHH:MM, in UTC", text)};
  };
  std::string_view rest = text;
  const auto number = [&](std::size_t digits) {
    int value = 0;
    const char* end = rest.data() + std::min(digits, rest.size());
    const auto [stop, error] = std::from_chars(rest.data(), end, value);
    if (error != std::errc{} || stop != rest.data() + digits || value < 0) throw fail();
    rest.remove_prefix(digits);
    return value;
  };
  const auto expect = [&](std::string_view sign) {
    if (!rest.starts_with(sign)) throw fail();
    rest.remove_prefix(sign.size());
  };
  expect("at=");
  const int year = number(4);
  expect("-");
  const int month = number(2);
  expect("-");
  const int day = number(2);
  int minutes = 0;
  if (!rest.empty()) {
    expect("T");
    minutes = number(2) * 60;
    expect(":");
    minutes += number(2);
  }
  const Date date = std::chrono::year{year} / month / day;
  if (!date.ok() || !rest.empty() || minutes >= 24 * 60) throw fail();
  const auto days = std::chrono::sys_days{date} - std::chrono::sys_days{start};
  return SimTime{} + days.count() * one_day + minutes * one_minute;
}

}  // namespace

int fork_run(const std::string& file, const po::variables_map& values) {
  for (const char* option : {"out", "trace", "paranoid", "hull"}) {
    if (values.count(option) > 0)
      throw UsageError{fmt::format("--{} says nothing of a fork, which is two runs", option)};
  }
  LoadOptions load_base = load_options(values);
  Fork fork{.at = {}, .changes = std::exchange(load_base.overrides, {})};
  fork.at = parse_instant(values["fork"].as<std::string>(), load(file, load_base).start);
  std::vector<ScenarioSource> sources{{"as it is", file, load_base}, {"forked", file, load_base}};
  std::vector<Scenario> scenarios = load_fork(sources, fork);
  const ComparisonOutput output = comparison_output(values);
  check_metrics(scenarios, output);
  CompareOptions options{.progress = show_progress};
  if (values.count("reps") > 0) options.replications = values["reps"].as<std::int64_t>();
  check_number("reps", options.replications, 1, 10'000);
  options.fork = std::move(fork);
  return print_comparison(compare(sources, std::move(scenarios), options), output, {});
}

}  // namespace colossim

// Valuing options beside the run.
#include <colossim/experiment/option_worth.hpp>

namespace colossim {

namespace {

constexpr int value_paths = 20'000;

}  // namespace

std::vector<ValuedOption> option_worths(const Scenario& scenario) {
  std::vector<ValuedOption> worths;
  for (OptionCase& option : option_cases(scenario)) {
    const OptionValue value =
        option_value(option.law, option.outlook, option.sampling(value_paths));
    worths.push_back({std::move(option), value});
  }
  return worths;
}

}  // namespace colossim

// Options on leases as the valuation law sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <colossim/model/option_value.hpp>
#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// The right to end a lease, or a share of it, early.
struct OptionCase {
  std::string contract;
  std::string option;
  std::string holder;
  std::string market;
  LeaseOption law;
  PriceOutlook outlook;
  std::uint64_t seed = 0;
  std::string path;  // of the option in the scenario: it names the random stream
  int fit_paths = 0;

  /// Paths that fit the boundary, the same in every replication, and others that value it. The
  /// sampling refers to this case.
  [[nodiscard]] OptionSampling sampling(int value_paths) const {
    return {
        .fit_paths = fit_paths, .value_paths = value_paths, .stream = {.seed = seed, .path = path}};
  }
};

/// The case of an exit or reclaim of a lease with a price of its own; none for options that are
/// valued on no market. Each month costs what the contract says of it when everything is delivered
/// and used. Months are whole ones, rounded up; an option that may be used again counts once. What
/// switching costs an owner: the stages of the way back, and those of the next lease, at their
/// mean, and the market's mean price for the GPU-hours that the stages, the next lease's closing
/// and half of its ramp take. A tenant's switch costs its fee.               [models_8_4]
std::optional<OptionCase> option_case(const Scenario& scenario, const std::string& contract,
                                      const std::string& option);

/// All cases, in order of contracts and options.
std::vector<OptionCase> option_cases(const Scenario& scenario);

/// A case and what it is worth.
struct ValuedOption {
  OptionCase option;
  OptionValue value;
};

}  // namespace colossim

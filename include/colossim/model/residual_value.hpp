// For the end of a run: what machines that go on earning are still worth.
#pragma once

#include <vector>

#include <colossim/base/quantity.hpp>

namespace colossim {

/// GPUs that are let at the market from an instant T on, until they are worn out.
struct ResidualOutlook {
  GpuCount gpus;
  Time life_left;                // after T; ≤ 0: worn out
  double useful = 1;             // share of the hours that is paid, in [0, 1]
  GpuPrice running;              // cost of an installed GPU-hour, paid or not
  std::vector<GpuPrice> prices;  // expected at the start of each month after T
  double annual_rate = 0.12;     // effective, > −1
};

/// Months, a twelfth of a year each, that `life_left` reaches into: the prices that are needed.
std::size_t residual_months(Time life_left);

/// Worth at T [USD]; each month is paid at its end, the last one in part. A month that would lose
/// money counts nothing: its owner switches off.                                    [models_8_4]
///   RV = Σ_{k ≥ 1} DF(k)·hours_k·gpus·max(0, useful·p_{k−1} − running)
/// REQUIRES: as many prices as `residual_months`.
Dollars residual_value(const ResidualOutlook& outlook);

}  // namespace colossim

// Arithmetic and time of training runs.
#include <colossim/model/training.hpp>

namespace colossim {

Flops training_flops(double active_parameters, Tokens tokens) {
  constexpr double flops_per_parameter_and_token = 6.0;  // [kaplan2020]
  return Flops{flops_per_parameter_and_token * active_parameters * (tokens / units::token)};
}

Time training_time(double active_parameters, Tokens tokens, GpuCount gpus, FlopRate peak_per_gpu,
                   double mfu) {
  const FlopRate achieved = peak_per_gpu * (gpus / units::gpu) * mfu;
  return training_flops(active_parameters, tokens) / achieved;
}

}  // namespace colossim

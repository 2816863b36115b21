// For training runs: how long a model takes to train, from its size, its data and its GPUs.
#pragma once

#include <colossim/base/quantity.hpp>

namespace colossim {

/// Arithmetic of one training run: 6 floating-point operations per active parameter and token (2
/// forward, 4 backward). Without attention, which counts above 8k tokens of context. [kaplan2020]
Flops training_flops(double active_parameters, Tokens tokens);

/// Time of an uninterrupted run on `gpus` > 0, each with a dense `peak_per_gpu` > 0 (never the
/// sparse figure) of which it reaches the share `mfu` in (0, 1].
///   t = 6·N·D / (G·F·MFU)                                                          [models_2_4]
/// Failures, restarts and checkpoints come on top, unless `mfu` is an overall figure.
Time training_time(double active_parameters, Tokens tokens, GpuCount gpus, FlopRate peak_per_gpu,
                   double mfu);

}  // namespace colossim

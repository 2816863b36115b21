// Functions compiled for more than one CPU.
#pragma once

/// Before a function: compiles it a second time for x86-64 with AVX2, and takes that where the CPU
/// has it. For loops over integers, whose results do not depend on the instructions.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define COLOSSIM_CPU_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define COLOSSIM_CPU_CLONES
#endif

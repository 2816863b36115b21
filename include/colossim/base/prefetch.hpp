// Loads that begin before their result is needed.
#pragma once

#include <cstddef>

namespace colossim {

/// Begins to load the first `bytes` of an object, whose address must start a cache line.
template <class Object>
void prefetch(const Object& object, std::size_t bytes) {
  const auto* first = reinterpret_cast<const char*>(&object);
  for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(first + at);
  // g++ 12 takes a function that only prefetches for one without effect, and drops its calls.
  asm volatile("");
}

/// Begins to load the cache line at the address of an object.
template <class Object>
void prefetch(const Object& object) {
  __builtin_prefetch(&object);
  asm volatile("");
}

}  // namespace colossim

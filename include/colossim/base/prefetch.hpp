// Loads that begin before their result is needed.
#pragma once

namespace colossim {

/// Begins to load the cache line at the address of an object.
template <class Object>
void prefetch(const Object& object) {
  __builtin_prefetch(&object);
  // g++ 12 takes a function that only prefetches for one without effect, and drops its calls.
  asm volatile("");
}

}  // namespace colossim

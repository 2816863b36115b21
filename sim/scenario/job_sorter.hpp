// Sorting more jobs than fit into memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "log_parser.hpp"

namespace colossim {

/// Takes jobs in any order and hands them out by time of submission; jobs submitted together keep
/// the order they came in. Beyond `memory` bytes, sorted runs go to one temporary file beside the
/// result, which has no name from the start and so vanishes with the process, however it ends.
class JobSorter {
 public:
  JobSorter(std::filesystem::path beside, std::size_t memory)
      : beside_(std::move(beside)), memory_(memory) {}
  JobSorter(const JobSorter&) = delete;
  JobSorter& operator=(const JobSorter&) = delete;
  ~JobSorter();

  void add(const LogJob& job);
  /// Once, after the last `add`.
  void drain(const std::function<void(const LogJob&)>& take);

 private:
  struct Key {
    std::int64_t submit_ns;
    std::size_t offset;  // of the packed job; grows with each, so it also keeps the order
  };
  struct Run {
    std::int64_t begin;  // in the file
    std::int64_t end;
  };

  void sort();
  void spill();
  void open();
  void merge(const std::function<void(const LogJob&)>& take);

  std::filesystem::path beside_;
  std::size_t memory_;
  std::string packed_;
  std::vector<Key> keys_;
  std::vector<Run> runs_;
  int descriptor_ = -1;
};

}  // namespace colossim

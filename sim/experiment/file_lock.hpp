// One process at a time.
#pragma once

#include <filesystem>

namespace colossim {

/// Holds `<file>.lock` until it is destroyed; it is gone then. Not over the file itself, whose
/// locks are SQLite's. Waits two seconds for one that is about to end, then throws
/// std::system_error (EBUSY).
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  bool try_lock();

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace colossim

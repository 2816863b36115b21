// flock on a file of its own.
#include "file_lock.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

namespace colossim {

FileLock::FileLock(const std::filesystem::path& file) : path_(file.string() + ".lock") {
  // Workers of a process that was killed may hold it for a moment longer.
  for (int attempt = 0; !try_lock(); ++attempt) {
    constexpr int attempts = 100;
    if (attempt == attempts)
      throw std::system_error(EBUSY, std::generic_category(),
                              fmt::format("another process writes {}", file.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

/// True with the lock on the file that has the name: one before may just have been removed.
bool FileLock::try_lock() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path_.string());
  struct stat held {};
  struct stat named {};
  const bool locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 &&
                      ::fstat(descriptor_, &held) == 0 && ::stat(path_.c_str(), &named) == 0 &&
                      held.st_ino == named.st_ino;
  if (!locked) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
  return locked;
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace colossim

// Temporary file + fsync + rename: survives a full disk, a signal and a power cut with old or new
// content.
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <colossim/base/atomic_file.hpp>

namespace colossim {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

[[noreturn]] void fail(int error, const char* action, const std::filesystem::path& path) {
  throw std::system_error(error, std::generic_category(),
                          fmt::format("{} {}", action, path.string()));
}

/// A rename is durable once its folder is. Folders that cannot be opened or synced (some network
/// file systems) are left to the system.
void sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Where the file is to appear: a link stays, and what it leads to is replaced. Only a regular file
/// may be: a rename over a device or a pipe would take it away from everybody.
std::filesystem::path target_of(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code none;
  const fs::file_status there = fs::status(path, none);
  if (fs::exists(there) && !fs::is_regular_file(there))
    fail(fs::is_directory(there) ? EISDIR : EINVAL, "cannot replace", path);
  return fs::is_symlink(path, none) && fs::exists(there) ? fs::canonical(path) : path;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : path_(target_of(path)), temporary_(fmt::format("{}.{}.part", path_.string(), ::getpid())) {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail(errno, "cannot write", path_);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      buffer_(std::move(other.buffer_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= buffer_bytes) flush();
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ::ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno, "cannot write", path_);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void AtomicFile::sync() {
  flush();
  if (::fsync(descriptor_) != 0) fail(errno, "cannot sync", path_);
}

void AtomicFile::commit() {
  sync();
  // The destructor removes the temporary file until the rename has succeeded.
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno, "cannot rename", path_);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno, "cannot close", path_);
  sync_folder(path_);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file{path};
  file.write(text);
  file.commit();
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(errno, "cannot read", path);
  std::string text;
  char chunk[1 << 16];
  int error = 0;
  while (error == 0) {
    const ::ssize_t count = ::read(descriptor, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) break;
    if (count < 0) {
      error = errno;
    } else if (text.size() + static_cast<std::size_t>(count) > limit) {
      error = EFBIG;
    } else {
      text.append(chunk, static_cast<std::size_t>(count));
    }
  }
  ::close(descriptor);
  if (error != 0) fail(error, "cannot read", path);
  return text;
}

}  // namespace colossim

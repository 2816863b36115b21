// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace colossim {

/// Writes to a temporary file beside `path`; `commit` makes it durable and renames it into place.
/// Without `commit` nothing remains. Errors (full disk, no permission) throw std::system_error with
/// the path.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  void write(std::string_view text);
  /// Everything written so far is on disk, still under the temporary name. What can fail fails
  /// here.
  void sync();
  /// `sync`, then the file appears.
  void commit();

 private:
  void flush();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::string buffer_;
  int descriptor_ = -1;
};

/// Writes `text` to `path`, whole or not at all.
void write_file(const std::filesystem::path& path, std::string_view text);

/// The bytes of a file; at most `limit` of them, else std::system_error (file too large).
std::string read_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace colossim

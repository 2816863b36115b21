// Checks that files appear whole or not at all, and that the world's errors carry the path.
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include <colossim/base/atomic_file.hpp>

using namespace colossim;
namespace fs = std::filesystem;

namespace {

/// A folder of the test's own, removed with all it holds.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "colossim_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  [[nodiscard]] fs::path file(const std::string& name) const { return path_ / name; }
  [[nodiscard]] long entries() const {
    return std::distance(fs::directory_iterator{path_}, fs::directory_iterator{});
  }

 private:
  fs::path path_;
};

/// Files of this process cannot grow beyond `bytes`, which acts like a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

constexpr std::size_t no_limit = std::size_t{1} << 40;

/// The error an action ends with, and its text.
template <class Action>
std::pair<int, std::string> error_of(Action action) {
  try {
    action();
  } catch (const std::system_error& error) {
    return {error.code().value(), error.what()};
  }
  return {0, ""};
}

}  // namespace

TEST_CASE("a file that is written reads back byte for byte") {
  const Folder folder;
  const std::string text{"a\0b\r\n\xff", 6};
  write_file(folder.file("x"), text);
  CHECK(read_file(folder.file("x"), no_limit) == text);
  write_file(folder.file("x"), "");
  CHECK(read_file(folder.file("x"), no_limit).empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("a pipe, a device or a folder is never replaced, and a link stays one") {
  const Folder folder;
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  fs::create_directory(folder.file("folder"));
  CHECK(error_of([&] { write_file(folder.file("pipe"), "x"); }).first == EINVAL);
  CHECK(error_of([&] { write_file("/dev/null", "x"); }).first == EINVAL);
  CHECK(error_of([&] { write_file(folder.file("folder"), "x"); }).first == EISDIR);
  CHECK(fs::is_fifo(folder.file("pipe")));
  write_file(folder.file("real"), "old");
  fs::create_symlink(folder.file("real"), folder.file("link"));
  write_file(folder.file("link"), "new");
  CHECK(fs::is_symlink(folder.file("link")));
  CHECK(read_file(folder.file("real"), no_limit) == "new");
}

TEST_CASE("many small writes and one that exceeds every buffer arrive in order") {
  const Folder folder;
  std::string expected;
  {
    AtomicFile file{folder.file("x")};
    for (int i = 0; i < 50'000; ++i) {
      const std::string line = std::to_string(i) + "\n";
      expected += line;
      file.write(line);
    }
    const std::string block(1'000'000, 'z');
    expected += block;
    file.write(block);
    file.commit();
  }
  CHECK(read_file(folder.file("x"), no_limit) == expected);
  CHECK(folder.entries() == 1);
}

TEST_CASE("without commit nothing remains") {
  const Folder folder;
  {
    AtomicFile file{folder.file("x")};
    file.write(std::string(1'000'000, 'z'));
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("the old content stays until commit and after a file that is given up") {
  const Folder folder;
  write_file(folder.file("x"), "old");
  {
    AtomicFile file{folder.file("x")};
    file.write("new");
    CHECK(read_file(folder.file("x"), no_limit) == "old");
  }
  CHECK(read_file(folder.file("x"), no_limit) == "old");
  AtomicFile file{folder.file("x")};
  file.write("new");
  file.commit();
  CHECK(read_file(folder.file("x"), no_limit) == "new");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a moved file is committed once") {
  const Folder folder;
  {
    AtomicFile first{folder.file("x")};
    first.write("ab");
    AtomicFile second{std::move(first)};
    second.write("cd");
    second.commit();
  }
  CHECK(read_file(folder.file("x"), no_limit) == "abcd");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a folder that does not exist is an error with the path") {
  const Folder folder;
  const fs::path path = folder.file("none/x");
  const auto [code, text] = error_of([&] { write_file(path, "a"); });
  CHECK(code == ENOENT);
  CHECK(text.find(path.string()) != std::string::npos);
  CHECK(folder.entries() == 0);
}

TEST_CASE("a full disk is an error that leaves the old file and nothing else") {
  const Folder folder;
  write_file(folder.file("x"), "old");
  {
    const FullDisk full{4096};
    const auto [code, text] =
        error_of([&] { write_file(folder.file("x"), std::string(1'000'000, 'z')); });
    CHECK(code == EFBIG);
    CHECK(text.find(folder.file("x").string()) != std::string::npos);
  }
  CHECK(read_file(folder.file("x"), no_limit) == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a path that is a folder is an error and leaves no temporary file") {
  const Folder folder;
  fs::create_directory(folder.file("x"));
  const auto [code, text] = error_of([&] { write_file(folder.file("x"), "a"); });
  CHECK(code == EISDIR);
  CHECK(text.find(folder.file("x").string()) != std::string::npos);
  CHECK(folder.entries() == 1);
}

TEST_CASE("a file is read up to its limit and refused beyond") {
  const Folder folder;
  const fs::path path = folder.file("x");
  write_file(path, std::string(100'000, 'z'));
  CHECK(read_file(path, 100'000).size() == 100'000);
  const auto [code, text] = error_of([&] { read_file(path, 99'999); });
  CHECK(code == EFBIG);
  CHECK(text.find(path.string()) != std::string::npos);
  write_file(path, "");
  CHECK(read_file(path, 0).empty());
}

TEST_CASE("a device without end is refused at the limit") {
  CHECK(error_of([] { read_file("/dev/zero", 1'000'000); }).first == EFBIG);
}

TEST_CASE("reading what is not there, or is a folder, is an error with the path") {
  const Folder folder;
  const auto [code, text] = error_of([&] { read_file(folder.file("x"), no_limit); });
  CHECK(code == ENOENT);
  CHECK(text.find(folder.file("x").string()) != std::string::npos);
  fs::create_directory(folder.file("y"));
  CHECK(error_of([&] { read_file(folder.file("y"), no_limit); }).first == EISDIR);
}

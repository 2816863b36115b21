// Children on pipes: eight bytes of task go in, a length and a reply come out.
#include "worker_pool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace colossim {

namespace {

constexpr int exit_of_bug = 70;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  void close() { Descriptor{std::move(*this)}; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;

  static Pipe make() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe");
    return {Descriptor{ends[0]}, Descriptor{ends[1]}};
  }
};

/// All bytes; false at the end of the other side.
bool read_all(int fd, void* to, std::size_t bytes) {
  auto* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = ::read(fd, at, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int fd, const void* from, std::size_t bytes) {
  const auto* at = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t put = ::write(fd, at, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    at += put;
    bytes -= static_cast<std::size_t>(put);
  }
  return true;
}

/// A flag that children see although they were forked before it was set.
class SharedFlag {
 public:
  SharedFlag()
      : flag_(static_cast<volatile sig_atomic_t*>(::mmap(nullptr, sizeof(sig_atomic_t),
                                                         PROT_READ | PROT_WRITE,
                                                         MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (flag_ == MAP_FAILED) fail("cannot share memory");
  }
  SharedFlag(const SharedFlag&) = delete;
  SharedFlag& operator=(const SharedFlag&) = delete;
  ~SharedFlag() { ::munmap(const_cast<sig_atomic_t*>(flag_), sizeof(sig_atomic_t)); }
  void set() { *flag_ = 1; }
  [[nodiscard]] bool is_set() const { return *flag_ != 0; }

 private:
  volatile sig_atomic_t* flag_;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

struct Child {
  pid_t pid = -1;
  Descriptor tasks;
  Descriptor replies;
  std::unique_ptr<std::FILE, CloseFile> complaints;  // its stderr
  std::deque<std::uint64_t> in_hand;                 // the first one is worked on

  [[nodiscard]] bool lives() const { return pid > 0; }
};

class Workers {
 public:
  Workers(unsigned workers, const std::function<std::string(std::uint64_t)>& work, TaskBoard& board)
      : work_(work), board_(board), children_(workers), before_(std::signal(SIGPIPE, SIG_IGN)) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    for (Child& child : children_) {
      child.tasks.close();  // the end of its work
      if (child.lives()) ::kill(child.pid, SIGKILL);
      if (child.lives()) ::waitpid(child.pid, nullptr, 0);
    }
    std::signal(SIGPIPE, before_);
  }

  bool run(const std::function<bool()>& stopping) {
    while (true) {
      const bool stop = stopping();
      if (stop) stop_.set();
      if (!stop) hand_out();
      std::vector<pollfd> waits;
      std::vector<Child*> whose;
      for (Child& child : children_) {
        if (child.in_hand.empty()) continue;
        waits.push_back({child.replies.get(), POLLIN, 0});
        whose.push_back(&child);
      }
      if (waits.empty()) return stop;
      constexpr int look_up = 200;  // ms: a signal may come just before
      if (::poll(waits.data(), waits.size(), look_up) < 0 && errno != EINTR) fail("cannot wait");
      for (std::size_t i = 0; i < waits.size(); ++i) {
        if (waits[i].revents != 0) receive(*whose[i]);
      }
    }
  }

 private:
  /// One task each; a second one where many wait, so that no child waits for the parent.
  void hand_out() {
    for (std::size_t depth = 1; depth <= 2; ++depth) {
      for (Child& child : children_) {
        if (depth == 2 && board_.waiting() < 8 * children_.size()) return;
        if (child.in_hand.size() >= depth) continue;
        const auto task = board_.next();
        if (!task) return;
        if (!child.lives()) fork_into(child);
        child.in_hand.push_back(*task);
        // A child that has just died cannot be written to: its end is read later.
        write_all(child.tasks.get(), &*task, sizeof *task);
      }
    }
  }

  void fork_into(Child& child) {
    Pipe tasks = Pipe::make();
    Pipe replies = Pipe::make();
    child.complaints.reset(std::tmpfile());
    if (!child.complaints) fail("cannot make a temporary file");
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    child.pid = ::fork();
    if (child.pid < 0) fail("cannot fork a worker");
    if (child.pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(exit_of_bug);
      for (Child& other : children_) {
        other.tasks.close();
        other.replies.close();
      }
      tasks.write.close();
      replies.read.close();
      serve(tasks.read.get(), replies.write.get(), ::fileno(child.complaints.get()));
    }
    child.tasks = std::move(tasks.write);
    child.replies = std::move(replies.read);
  }

  /// The child's life. The parent alone hears signals that ask for an end.
  [[noreturn]] void serve(int tasks, int replies, int complaints) {
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) std::signal(signal, SIG_IGN);
    ::dup2(complaints, STDERR_FILENO);
    std::uint64_t task = 0;
    while (read_all(tasks, &task, sizeof task)) {
      if (stop_.is_set()) ::_exit(0);
      std::string reply;
      try {
        if (::ftruncate(complaints, 0) == 0) ::lseek(complaints, 0, SEEK_SET);
        reply = work_(task);
      } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        std::fflush(stderr);
        ::_exit(exit_of_bug);
      }
      const std::uint64_t length = reply.size();
      if (!write_all(replies, &length, sizeof length) ||
          !write_all(replies, reply.data(), reply.size()))
        ::_exit(0);
    }
    ::_exit(0);
  }

  void receive(Child& child) {
    std::uint64_t length = 0;
    std::string reply;
    if (read_all(child.replies.get(), &length, sizeof length)) {
      reply.resize(length);
      if (read_all(child.replies.get(), reply.data(), length)) {
        const std::uint64_t task = child.in_hand.front();
        child.in_hand.pop_front();
        board_.done(task, reply);
        return;
      }
    }
    bury(child);
  }

  void bury(Child& child) {
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    child.pid = -1;
    const std::string how = WIFSIGNALED(status)
                                ? fmt::format("killed by signal {} ({})", WTERMSIG(status),
                                              ::strsignal(WTERMSIG(status)))
                                : fmt::format("left with {}", WEXITSTATUS(status));
    const std::string complaint = last_words(child);
    const std::deque<std::uint64_t> in_hand = std::exchange(child.in_hand, {});
    child.tasks.close();
    child.replies.close();
    // A child that was stopped had not begun. The second task has done nothing.
    const bool was_stopped = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    for (std::size_t i = 0; i < in_hand.size(); ++i) {
      if (i == 0 && !was_stopped) {
        board_.died(in_hand[i], complaint.empty() ? how : how + ": " + complaint);
      } else {
        board_.returned(in_hand[i]);
      }
    }
  }

  static std::string last_words(const Child& child) {
    constexpr long most = 2000;  // bytes
    std::FILE* file = child.complaints.get();
    std::fseek(file, 0, SEEK_END);
    const long end = std::ftell(file);
    std::fseek(file, std::max(0L, end - most), SEEK_SET);
    std::string text(static_cast<std::size_t>(std::min(end, most)), '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  const std::function<std::string(std::uint64_t)>& work_;
  TaskBoard& board_;
  std::vector<Child> children_;
  SharedFlag stop_;
  void (*before_)(int);
};

}  // namespace

bool run_workers(unsigned workers, const std::function<std::string(std::uint64_t)>& work,
                 TaskBoard& board, const std::function<bool()>& stopping) {
  return Workers{workers, work, board}.run(stopping);
}

}  // namespace colossim

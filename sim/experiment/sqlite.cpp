// The few calls of SQLite that are needed.
#include "sqlite.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace colossim::sqlite {

namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out{quote};
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

int errno_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return ENOSPC;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return EACCES;
    case SQLITE_CANTOPEN:
      return ENOENT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return EBUSY;
    case SQLITE_NOMEM:
      return ENOMEM;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return EBADMSG;
    default:
      return EIO;
  }
}

}  // namespace

Statement::Statement(const Database& database, std::string_view sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database.handle_.get(), sql.data(),
                                      static_cast<int>(sql.size()), &statement, nullptr);
  handle_.reset(statement);
  if (code != SQLITE_OK) database.fail(code);
}

Statement& Statement::bind(int at, std::int64_t value) {
  const int code = sqlite3_bind_int64(handle_.get(), at, value);
  if (code != SQLITE_OK) database_->fail(code);
  return *this;
}

Statement& Statement::bind(int at, double value) {
  const int code = sqlite3_bind_double(handle_.get(), at, value);
  if (code != SQLITE_OK) database_->fail(code);
  return *this;
}

Statement& Statement::bind(int at, std::string_view value) {
  const int code = sqlite3_bind_text(handle_.get(), at, value.data(),
                                     static_cast<int>(value.size()), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_->fail(code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  const int reset = sqlite3_reset(handle_.get());
  if (code != SQLITE_DONE) database_->fail(reset == SQLITE_OK ? code : reset);
  return false;
}

bool Statement::is_null(int at) const {
  return sqlite3_column_type(handle_.get(), at) == SQLITE_NULL;
}
bool Statement::is_text(int at) const {
  return sqlite3_column_type(handle_.get(), at) == SQLITE_TEXT;
}

bool Statement::is_integer(int at) const {
  return sqlite3_column_type(handle_.get(), at) == SQLITE_INTEGER;
}

std::string Statement::text(int at) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), at));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), at))};
}

Database::Database(std::filesystem::path file, Mode mode) : file_(std::move(file)) {
  // Readers as well finish what a killed writer left; where the file may not be written they do
  // not.
  int flags = SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file_.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 10'000);  // ms: others read, or write for a moment
  if (mode == Mode::read) run("PRAGMA query_only=ON");
}

void Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::optional<std::int64_t> Database::integer(std::string_view sql) const {
  Statement statement = prepare(sql);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return statement.integer(0);
}

void Database::fail(int code) const {
  const char* text = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  throw std::system_error(errno_of(code), std::generic_category(),
                          fmt::format("{}: {}", file_.string(), text));
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const std::system_error&) {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

std::string quoted_name(std::string_view name) {
  return quoted(name, '"');
}
std::string quoted_text(std::string_view text) {
  return quoted(text, '\'');
}

}  // namespace colossim::sqlite

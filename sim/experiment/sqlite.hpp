// SQLite as values: a connection, a statement, errors with the file's name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace colossim::sqlite {

enum class Mode { read, write, create };

class Database;

/// A prepared statement. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement& bind(int at, std::int64_t value);
  Statement& bind(int at, double value);  // not a number: null
  Statement& bind(int at, std::string_view value);
  /// Runs to the next row; false at the end, after which it can run again.
  bool step();
  /// Runs a statement that returns no rows.
  void run() {
    while (step()) {
    }
  }
  [[nodiscard]] int columns() const { return sqlite3_column_count(handle_.get()); }
  [[nodiscard]] std::string name(int at) const { return sqlite3_column_name(handle_.get(), at); }
  [[nodiscard]] bool is_null(int at) const;
  [[nodiscard]] bool is_text(int at) const;
  [[nodiscard]] bool is_integer(int at) const;
  [[nodiscard]] std::int64_t integer(int at) const {
    return sqlite3_column_int64(handle_.get(), at);
  }
  [[nodiscard]] double real(int at) const { return sqlite3_column_double(handle_.get(), at); }
  [[nodiscard]] std::string text(int at) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement(const Database& database, std::string_view sql);

  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// One connection. Every failure is a std::system_error with the file's name: the disk is full, no
/// permission, somebody else writes, no database.
class Database {
 public:
  Database(std::filesystem::path file, Mode mode);

  void run(const std::string& sql);
  [[nodiscard]] Statement prepare(std::string_view sql) const { return {*this, sql}; }
  /// The first column of the first row; nothing when there is none.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view sql) const;
  [[nodiscard]] std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  [[noreturn]] void fail(int code) const;

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// All or nothing: rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {
    database_.run("BEGIN IMMEDIATE");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

/// A name or a text as it stands in SQL.
std::string quoted_name(std::string_view name);
std::string quoted_text(std::string_view text);

}  // namespace colossim::sqlite

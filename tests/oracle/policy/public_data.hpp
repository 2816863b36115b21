// Public job logs beside the repository, for tests that compare with published or independent
// results. They are not part of it: where they are absent, tests say so and pass.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace colossim::oracle {

/// A file of the public data; nothing when it is absent, which is said.
inline std::optional<std::filesystem::path> public_file(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path{COLOSSIM_DATA} / name;
  if (std::filesystem::exists(path)) return path;
  MESSAGE("skipped: no data (", name, ")");
  return std::nullopt;
}

/// A CSV file without quotes: one map per row, from column to cell.
inline std::vector<std::map<std::string, std::string>> read_table(
    const std::filesystem::path& file) {
  const auto cells = [](const std::string& line) {
    std::vector<std::string> result;
    std::istringstream in{line};
    for (std::string cell; std::getline(in, cell, ',');) result.push_back(cell);
    return result;
  };
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = cells(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> row = cells(line);
    auto& named = rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) named.emplace(header[i], row[i]);
  }
  return rows;
}

/// CRC-32 as zlib computes it. [rfc1952]
inline std::uint32_t crc32(const std::string& text) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

}  // namespace colossim::oracle

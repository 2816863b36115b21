// Tornado tables.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include <nlohmann/json.hpp>

#include <colossim/report/text.hpp>
#include <colossim/report/tornado.hpp>
#include <colossim/scenario/csv.hpp>

#include "screen.hpp"

namespace colossim {

namespace {

using Json = nlohmann::ordered_json;

/// Rows of the bars that move a metric, the farthest first.
std::vector<std::size_t> by_reach(const Tornado& tornado, std::size_t metric) {
  std::vector<std::size_t> rows(tornado.bars.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::erase_if(rows, [&](std::size_t row) { return tornado.bars[row].reach(metric) == 0; });
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return tornado.bars[a].reach(metric) > tornado.bars[b].reach(metric);
  });
  return rows;
}

std::string gain_text(const std::vector<Estimate>& gains, std::size_t metric,
                      const MetricDefinition& d) {
  if (gains.empty()) return "-";
  const Estimate& gain = gains[metric];
  return interval_text({gain.value / d.factor, gain.half_width / d.factor}, d.unit);
}

/// `1 .. 3 USD/gpu/h`: a unit that both ends have stands once.
std::string range_text(const TornadoBar& bar) {
  const std::size_t low_blank = bar.low.find(' ');
  const std::size_t high_blank = bar.high.find(' ');
  const bool same = low_blank != std::string::npos && high_blank != std::string::npos &&
                    bar.low.substr(low_blank) == bar.high.substr(high_blank);
  return fmt::format("{} .. {}", same ? bar.low.substr(0, low_blank) : bar.low, bar.high);
}

void add_table(Lines& lines, const Tornado& tornado, std::size_t metric, std::size_t most) {
  const MetricDefinition& d = tornado.metrics[metric];
  const std::vector<std::size_t> rows = by_reach(tornado, metric);
  const std::size_t gain_width = tornado.replications > 1 ? 24 : 14;
  const std::size_t label = 100 - 2 * gain_width - 4;
  const auto deciding = std::count_if(rows.begin(), rows.end(), [&](std::size_t row) {
    return tornado.turns(tornado.bars[row], metric);
  });
  if (rows.empty()) {
    lines.add("{} {}: none of the assumptions moves it", d.name,
              human(tornado.base[metric] / d.factor, d.unit));
    return;
  }
  lines.add("{:<{}}{:>{}}{:>{}}",
            fmt::format("{} {}", d.name, human(tornado.base[metric] / d.factor, d.unit)), label,
            "low", gain_width, "high", gain_width);
  for (std::size_t i = 0; i < std::min(rows.size(), most); ++i) {
    const TornadoBar& bar = tornado.bars[rows[i]];
    const std::string range = fmt::format("{} {}", bar.path, range_text(bar));
    lines.add("  {:<{}}{}{}{}", cut(range, label - 3), label - 2,
              right(gain_text(bar.at_low, metric, d), gain_width),
              right(gain_text(bar.at_high, metric, d), gain_width),
              tornado.turns(bar, metric) ? "  +/-" : "");
  }
  if (rows.size() > most) lines.add("  and {} more that move it", rows.size() - most);
  if (deciding > 0)
    lines.add("  +/- {} of {} assumptions decide{} the sign", deciding, tornado.bars.size(),
              deciding == 1 ? "s" : "");
}

template <class Use>
void each_end(const TornadoBar& bar, const Use& use) {
  if (!bar.at_low.empty()) use("low", bar.low, bar.at_low);
  if (!bar.at_high.empty()) use("high", bar.high, bar.at_high);
}

}  // namespace

double TornadoBar::reach(std::size_t metric) const {
  const auto size = [&](const std::vector<Estimate>& gains) {
    return gains.empty() ? 0 : std::abs(gains[metric].value);
  };
  return std::max(size(at_low), size(at_high));
}

bool Tornado::turns(const TornadoBar& bar, std::size_t metric) const {
  const auto other_side = [&](const std::vector<Estimate>& gains) {
    return !gains.empty() && base[metric] * (base[metric] + gains[metric].value) < 0;
  };
  return other_side(bar.at_low) || other_side(bar.at_high);
}

std::string tornado_text(const Tornado& tornado, std::size_t most) {
  Lines lines;
  lines.add("TORNADO  {}   seed {}{}   {} assumptions with a range, one at a time", tornado.title,
            tornado.seed,
            tornado.replications == 1
                ? ""
                : fmt::format(", means of {} replications ± 95 %", tornado.replications),
            tornado.bars.size());
  for (std::size_t metric = 0; metric < tornado.metrics.size(); ++metric)
    add_table(lines, tornado, metric, most);
  return lines.take();
}

std::string tornado_json(const Tornado& tornado, std::string_view version) {
  Json json{{"colossim", version},
            {"file", tornado.file},
            {"seed", tornado.seed},
            {"first_replication", tornado.first_replication},
            {"replications", tornado.replications},
            {"metrics", Json::array()}};
  for (std::size_t m = 0; m < tornado.metrics.size(); ++m) {
    const MetricDefinition& d = tornado.metrics[m];
    Json assumptions = Json::array();
    for (const std::size_t row : by_reach(tornado, m)) {
      const TornadoBar& bar = tornado.bars[row];
      Json ends = Json::object();
      each_end(
          bar, [&](const char* end, const std::string& value, const std::vector<Estimate>& gains) {
            ends[end] = {
                {"value", value}, {"gain", gains[m].value / d.factor}, {"half_width", nullptr}};
            if (tornado.replications > 1) ends[end]["half_width"] = gains[m].half_width / d.factor;
          });
      assumptions.push_back({{"path", bar.path},
                             {"base", bar.base},
                             {"ends", ends},
                             {"decides_sign", tornado.turns(bar, m)}});
    }
    json["metrics"].push_back({{"name", d.name},
                               {"unit", d.unit},
                               {"base", tornado.base[m] / d.factor},
                               {"assumptions", assumptions}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string tornado_csv(const Tornado& tornado) {
  std::string out = "metric,unit,base,assumption,end,input,gain,half_width_95,decides_sign\n";
  for (std::size_t m = 0; m < tornado.metrics.size(); ++m) {
    const MetricDefinition& d = tornado.metrics[m];
    for (const std::size_t row : by_reach(tornado, m)) {
      const TornadoBar& bar = tornado.bars[row];
      each_end(bar,
               [&](const char* end, const std::string& value, const std::vector<Estimate>& gains) {
                 fmt::format_to(std::back_inserter(out), "{},{},{},", d.name, d.unit,
                                tornado.base[m] / d.factor);
                 append_csv_field(out, bar.path);
                 fmt::format_to(std::back_inserter(out), ",{},", end);
                 append_csv_field(out, value);
                 fmt::format_to(std::back_inserter(out), ",{},", gains[m].value / d.factor);
                 if (tornado.replications > 1)
                   fmt::format_to(std::back_inserter(out), "{}", gains[m].half_width / d.factor);
                 out += tornado.turns(bar, m) ? ",yes\n" : ",no\n";
               });
    }
  }
  return out;
}

}  // namespace colossim

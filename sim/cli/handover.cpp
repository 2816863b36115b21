// colossim handover: which racks to hand over so that power, coolant and fabric cuts are clean.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/report/text.hpp>
#include <colossim/world/handover.hpp>

#include "options.hpp"

namespace colossim {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

std::string count(std::int64_t number) {
  return grouped(static_cast<double>(number), 0);
}
std::string megawatts(Power power) {
  return grouped(power.in(units::megawatt), 2);
}

/// What is asked, and the site it is asked of.
struct Question {
  std::string scenario;
  HandoverSite site;
  std::int64_t gpus = 0;
};

std::string site_name(const Scenario& scenario, const po::variables_map& values) {
  std::vector<std::string> names;
  for (const auto& [name, site] : scenario.sites) names.push_back(name);
  if (values.count("site") > 0) {
    auto name = values["site"].as<std::string>();
    if (!scenario.sites.contains(name))
      throw UsageError{
          fmt::format("--site {}: there is no such site; {}", name, did_you_mean(name, names))};
    return name;
  }
  if (names.size() != 1)
    throw UsageError{fmt::format("handover: the scenario has {} sites: give --site, one of {}",
                                 names.size(), fmt::join(names, ", "))};
  return names.front();
}

/// Keeps back the racks of other types.
void offer_only(HandoverSite& site, const std::string& gpu) {
  std::vector<std::string> types;
  for (const HandoverRow& row : site.rows) {
    types.push_back(row.gpu);
    for (std::uint32_t i = 0; i < row.count; ++i)
      site.racks[row.first + i].on_offer = row.gpu == gpu;
  }
  if (std::find(types.begin(), types.end(), gpu) != types.end()) return;
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  throw UsageError{
      fmt::format("--on {}: {} has no such GPUs; {}", gpu, site.name, did_you_mean(gpu, types))};
}

Question read_question(const po::variables_map& values) {
  if (values.count("file") == 0) throw UsageError{"handover: expected a scenario file"};
  if (values.count("gpus") == 0)
    throw UsageError{"handover: expected --gpus N, how many GPUs to hand over"};
  const Scenario scenario = load(values["file"].as<Words>().front(), load_options(values));
  Question question{.scenario = scenario.name,
                    .site = handover_site(scenario, site_name(scenario, values)),
                    .gpus = values["gpus"].as<std::int64_t>()};
  if (values.count("on") > 0) offer_only(question.site, values["on"].as<std::string>());
  const std::int64_t most = question.site.gpus_on_offer();
  if (question.gpus < 1 || question.gpus > most)
    throw UsageError{fmt::format("--gpus {}: expected 1 to {}, what {} has{}", question.gpus, most,
                                 question.site.name,
                                 values.count("on") > 0 ? " of this type" : "")};
  return question;
}

std::string run_text(const HandoverSite& site, const RackRun& run) {
  if (run.divided)
    return fmt::format("{} ({} of {} GPUs)", run.first, run.gpus,
                       site.racks[site.rows[run.row].first + run.first].gpus);
  return run.last > run.first ? fmt::format("{}-{}", run.first, run.last)
                              : fmt::format("{}", run.first);
}

/// All runs when they fit on a line, else the first few.
std::string runs_text(const std::vector<std::string>& runs) {
  constexpr std::size_t widest = 50;
  constexpr std::size_t shortened = 25;
  std::string all = fmt::format("{}", fmt::join(runs, ", "));
  if (all.size() <= widest) return all;
  std::string text = runs.front();
  std::size_t shown = 1;
  for (; shown < runs.size() && text.size() + runs[shown].size() + 2 <= shortened; ++shown)
    text += ", " + runs[shown];
  return fmt::format("{} and {} more runs (--json)", text, runs.size() - shown);
}

/// The racks that go, a line per row of the site.
void print_racks(const HandoverSite& site, const HandoverPlan& plan) {
  const std::vector<RackRun> runs = rack_runs(site, plan.handed);
  for (std::size_t i = 0; i < runs.size();) {
    const std::uint32_t number = runs[i].row;
    std::vector<std::string> texts;
    std::int64_t gpus = 0;
    for (; i < runs.size() && runs[i].row == number; ++i) {
      gpus += runs[i].gpus;
      texts.push_back(run_text(site, runs[i]));
    }
    const HandoverRow& row = site.rows[number];
    fmt::print("  {:<18} {:>9} {:<10} racks {}\n", row.name, count(gpus), row.gpu,
               runs_text(texts));
  }
}

/// What serves both parties though it is indivisible: `1 mv_hopper, 2 array`.
std::string shared_text(const HandoverPlan& plan) {
  std::string text;
  const auto add = [&](std::int64_t number, const std::string& name) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, name);
  };
  for (const GroupCut& cut : plan.cuts) {
    if (cut.stranding > 0) add(cut.stranding, cut.group);
  }
  if (plan.divided > 0) add(1, "rack");
  return text.empty() ? "nothing" : text;
}

std::string clean_text(const std::vector<HandoverPlan>& plans) {
  std::string text;
  for (const HandoverPlan& plan : plans) {
    if (plan.stranded.gpus > 0 || !plan.name.starts_with("clean")) continue;
    text += fmt::format("{}{}", text.empty() ? "" : " or ", count(plan.gpus));
  }
  return text.empty() ? "no other number" : text;
}

/// Prints words in lines of at most 100 columns, the first after `head`.
void print_wrapped(std::string head, const std::string& text) {
  const std::string margin(head.size(), ' ');
  std::string line = std::move(head);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (line.size() + end - begin > 99 && line.size() > margin.size()) {
      fmt::print("{}\n", line);
      line = margin;
    }
    if (line.size() > margin.size()) line += ' ';
    line += text.substr(begin, end - begin);
    begin = end + 1;
  }
  fmt::print("{}\n", line);
}

void print_why(const std::vector<HandoverPlan>& plans) {
  const HandoverPlan& best = plans.front();
  std::string why = "nothing indivisible serves both parties";
  if (best.name != "exact") {
    why =
        "the site is too large for an exact search; of the plans below this one strands or "
        "misses the fewest GPUs";
  } else if (best.stranded.gpus > 0) {
    why = fmt::format(
        "no division of {} GPUs strands fewer: {} hang on what serves both parties ({}); nothing "
        "would be stranded with {} GPUs",
        count(best.gpus), count(best.stranded.gpus), shared_text(best), clean_text(plans));
  }
  if (best.name == "exact" && best.searched != "power, coolant, arrays")
    why += fmt::format("; the search minded {} only, as the rest overlaps too much", best.searched);
  print_wrapped("  why: ", why);
}

void print_best(const Question& question, const std::vector<HandoverPlan>& plans) {
  const HandoverPlan& best = plans.front();
  const HandoverSite& site = question.site;
  fmt::print("{}\nHANDOVER of {} of {} GPUs at {}", question.scenario, count(question.gpus),
             count(site.gpus()), site.name);
  if (best.name == "exact" && best.gpus != question.gpus)
    fmt::print(": {} is the nearest number of whole nodes", count(best.gpus));
  fmt::print("\nBEST {}: {} GPUs in {} racks{}, {} arrays\n", best.name, count(best.gpus),
             count(best.racks),
             best.divided > 0 ? fmt::format(" and {} GPUs of one more", best.divided) : "",
             count(best.arrays));
  print_racks(site, best);
  fmt::print(
      "  power: {} MW at peak on branches rated {} MW; {} MW of the feed of {} MW\n"
      "  fabric: {} links of {} Gb/s to cut, {} Tb/s\n",
      megawatts(best.peak), megawatts(best.nameplate), megawatts(best.feed), megawatts(site.feed),
      count(best.links_cut), grouped(site.link_rate.base() * 8e-9, 0),
      grouped(static_cast<double>(best.links_cut) * site.link_rate.base() * 8e-12, 1));
  print_why(plans);
}

void print_plans(const std::vector<HandoverPlan>& plans) {
  fmt::print("{:<13}{:>8} {:>6} {:>6} {:>7} {:>7} | {:>8} {:>8} {:>8} {:>8} | {:>8}\n", "PLANS",
             "GPUs", "racks", "arrays", "peak MW", "feed MW", "stranded", "power MW", "cool. MW",
             "uplinks", "cut");
  for (const HandoverPlan& plan : plans) {
    const Stranded& lost = plan.stranded;
    fmt::print("  {:<11}{:>8} {:>6} {:>6} {:>7} {:>7} | {:>8} {:>8} {:>8} {:>8} | {:>8}\n",
               plan.name, count(plan.gpus), count(plan.racks), count(plan.arrays),
               megawatts(plan.peak), megawatts(plan.feed), count(lost.gpus), megawatts(lost.power),
               megawatts(lost.coolant), count(lost.uplinks), count(plan.links_cut));
  }
}

void print_cuts(const HandoverPlan& best) {
  fmt::print("{:<24} {:>8} {:>8} {:>12}\n", "ELEMENTS, best plan", "go", "stay", "serve both");
  for (const GroupCut& cut : best.cuts)
    fmt::print("  {:<22} {:>8} {:>8} {:>12}{}\n", cut.group, count(cut.moved), count(cut.kept),
               count(cut.shared), cut.shared > cut.stranding ? "  common by design" : "");
}

Json power_json(Power power) {
  return power.in(units::megawatt);
}

Json plan_json(const HandoverSite& site, const HandoverPlan& plan) {
  Json racks = Json::array();
  for (const RackRun& run : rack_runs(site, plan.handed))
    racks.push_back({{"row", site.rows[run.row].name},
                     {"first", run.first},
                     {"last", run.last},
                     {"gpus", run.gpus},
                     {"divided", run.divided}});
  Json elements = Json::array();
  for (const GroupCut& cut : plan.cuts)
    elements.push_back({{"group", cut.group},
                        {"moved", cut.moved},
                        {"kept", cut.kept},
                        {"shared", cut.shared},
                        {"stranding", cut.stranding}});
  const Stranded& lost = plan.stranded;
  return {{"name", plan.name},
          {"searched", plan.searched},
          {"gpus", plan.gpus},
          {"racks", plan.racks},
          {"divided_gpus", plan.divided},
          {"arrays", plan.arrays},
          {"peak_mw", power_json(plan.peak)},
          {"nameplate_mw", power_json(plan.nameplate)},
          {"feed_mw", power_json(plan.feed)},
          {"stranded",
           {{"gpus", lost.gpus},
            {"moved_gpus", lost.moved},
            {"elements", lost.elements},
            {"power_mw", power_json(lost.power)},
            {"coolant_mw", power_json(lost.coolant)},
            {"uplinks", lost.uplinks}}},
          {"links_cut", plan.links_cut},
          {"racks_by_run", racks},
          {"elements", elements}};
}

void print_json(const Question& question, const std::vector<HandoverPlan>& plans) {
  Json list = Json::array();
  for (const HandoverPlan& plan : plans) list.push_back(plan_json(question.site, plan));
  const Json report{{"name", question.scenario},
                    {"site", question.site.name},
                    {"gpus_asked", question.gpus},
                    {"gpus_at_site", question.site.gpus()},
                    {"link_gbps", question.site.link_rate.base() * 8e-9},
                    {"plans", list}};
  fmt::print("{}\n", report.dump(2));
}

}  // namespace

int handover_command(const Words& words) {
  CommandLine line{.usage =
                       "Usage: colossim handover FILE --gpus N [options]\nProposes which racks to "
                       "hand over so that power, coolant and fabric cuts are clean.",
                   .positional = "file"};
  add_scenario_options(line.options);
  line.options.add_options()("gpus", po::value<std::int64_t>()->value_name("N"),
                             "how many GPUs to hand over")(
      "site", po::value<std::string>()->value_name("NAME"), "where, when there are several sites")(
      "on", po::value<std::string>()->value_name("TYPE"), "only GPUs of this type")(
      "json", "print the plans as JSON");
  const auto values = parse(line, words);
  if (!values) return exit_ok;
  const Question question = read_question(*values);
  const std::vector<HandoverPlan> plans = plan_handover(question.site, question.gpus);
  if (values->count("json") > 0) {
    print_json(question, plans);
  } else {
    print_best(question, plans);
    print_plans(plans);
    print_cuts(plans.front());
  }
  return exit_ok;
}

}  // namespace colossim

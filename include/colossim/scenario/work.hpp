// What runs on the racks: jobs and services.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/policy/placement.hpp>
#include <colossim/policy/queue_policies.hpp>

namespace colossim {

struct PoolSpec {
  static constexpr std::string_view doc =
      "How the nodes a tenant has at a site are shared out among its jobs.";
  Ref tenant;
  Ref site;
  QueueSpec queue;
  PlacementSpec placement;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tenant", tenant, required.to("parties"), "whose jobs");
    v.field("site", site, required.to("sites"), "where");
    v.field("queue", queue, optional, "which job starts next (default: fifo)");
    v.field("placement", placement, optional, "on which nodes it goes (default: rack_local)");
  }
};

struct ElasticSpec {
  static constexpr std::string_view doc =
      "Jobs that also run on fewer or more GPUs than they ask for: on the asked size, the bounds, "
      "and halvings of the greatest between them. A job starts on the greatest that is free; n "
      "times the GPUs do n^exponent times the work. With `resize_after` running ones shrink where "
      "the next waiting job fits then, last started first, and grow while none waits, first "
      "started first, if they end sooner; each change costs a checkpoint_write and a restart.";
  double least = 0.5;
  double most = 1;
  double exponent = 0.9;
  std::optional<Time> resize_after;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("least", least, required.within(0.001, 1), "smallest size / asked size");
    v.field("most", most, required.within(1, 1000), "greatest size / asked size");
    v.field("exponent", exponent, optional.within(0, 1),
            "of throughput over GPUs: 1 scales perfectly");
    v.field("resize_after", resize_after, optional.within(1, 1e9),
            "how long a job keeps a size (default: until it ends or loses its nodes)");
  }
};

/// What losing its nodes costs a job besides the work since its last checkpoint.
struct StopCosts {
  Time checkpoint_write;
  Time restart;

  template <class Visitor>
  void describe_stop_costs(Visitor& v) {
    v.field("checkpoint_write", checkpoint_write, optional.within(0, 1e6),
            "what each save takes, without progress; at most `checkpoint`");
    v.field("restart", restart, optional.within(0, 1e6),
            "what a job that lost its nodes spends before it goes on");
  }
};

struct BatchSpec : StopCosts {
  static constexpr std::string_view kind = "batch";
  static constexpr std::string_view doc =
      "A Poisson stream of finite jobs drawn from distributions.";
  Ref tenant;
  Ref site;
  std::vector<Ref> on;
  Frequency arrivals;
  Distribution<GpuCount::dimension> gpus;
  Distribution<Time::dimension> runtime;
  double activity = 0.8;
  double clock_insensitive = 0.3;
  std::optional<Time> checkpoint;
  std::optional<ElasticSpec> elastic;
  std::optional<std::string> draws_as;
  std::optional<Date> from;
  std::optional<Date> until;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tenant", tenant, required.to("parties"), "whose jobs");
    v.field("site", site, required.to("sites"), "where");
    v.field("on", on, required.to("gpus"),
            "GPU types it runs on, preferred first; one job uses one type");
    v.field("arrivals", arrivals, required.positive().up_to(1e6), "mean rate");
    v.field("gpus", gpus, required.within(1, 1e6), "size of a job");
    v.field("runtime", runtime, required.positive(),
            "on the first GPU type; others scale by dense BF16 rate");
    v.field("activity", activity, optional.fraction(), "GPU power between idle (0) and TDP (1)");
    v.field("clock_insensitive", clock_insensitive, optional.fraction(),
            "share of time that a lower clock does not stretch");
    v.field("checkpoint", checkpoint, optional.within(0, 1e9),
            "progress between two saves, 0: saved all along; without it a killed job begins again");
    describe_stop_costs(v);
    v.field("elastic", elastic, optional, "other sizes it runs on (default: none)");
    v.field("draws_as", draws_as, optional,
            "name of the jobs, of a scenario this one is compared with, whose random numbers it "
            "draws: what takes their place meets the same chances (default: its own name)");
    v.field("from", from, optional, "first day of arrivals (default: the run's)");
    v.field("until", until, optional, "day arrivals end (default: the run's)");
  }
};

struct TrainingSpec : StopCosts {
  static constexpr std::string_view kind = "training";
  static constexpr std::string_view doc =
      "Gang training runs, one after another: each lasts 6 N D / (gpus * BF16 rate * MFU).";
  Ref tenant;
  Ref site;
  std::vector<Ref> on;
  GpuCount gpus;
  double parameters = 0;
  Tokens tokens;
  double mfu = 0.4;
  std::int64_t runs = 1;
  Time pause;
  double activity = 0.95;
  double clock_insensitive = 0.3;
  std::optional<Time> checkpoint = 1.0 * units::hour;
  std::optional<Date> from;
  std::optional<Date> until;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tenant", tenant, required.to("parties"), "whose runs");
    v.field("site", site, required.to("sites"), "where");
    v.field("on", on, required.to("gpus"),
            "GPU types it may run on, preferred first; a gang uses one type");
    v.field("gpus", gpus, required.within(1, 1e6), "size of the gang");
    v.field("parameters", parameters, required.positive().up_to(1e18), "active parameters N");
    v.field("tokens", tokens, required.positive().up_to(1e18), "training tokens D per run");
    v.field("mfu", mfu, optional.within(0.001, 1),
            "achieved share of the dense BF16 rate, restarts included");
    v.field("runs", runs, optional.within(1, 10000), "how many, one after another");
    v.field("pause", pause, optional.within(0, 1e9),
            "between the end of one and the submission of the next");
    v.field("activity", activity, optional.fraction(), "GPU power between idle (0) and TDP (1)");
    v.field("clock_insensitive", clock_insensitive, optional.fraction(),
            "share of time that a lower clock does not stretch");
    v.field("checkpoint", checkpoint, optional.within(0, 1e9),
            "progress between two saves: what a killed run loses at most");
    describe_stop_costs(v);
    v.field("from", from, optional, "day the first is submitted (default: the run's first)");
    v.field("until", until, optional, "no run is submitted from this day on");
  }
};

struct StandingSpec {
  static constexpr std::string_view kind = "standing";
  static constexpr std::string_view doc =
      "Work nobody knows in detail: the tenant keeps a share of the nodes it has busy, one endless "
      "job per node.";
  Ref tenant;
  Ref site;
  std::vector<Ref> on;
  double occupancy = 0.9;
  double activity = 0.8;
  double clock_insensitive = 0.5;
  std::optional<Time> checkpoint = 1.0 * units::hour;
  std::optional<Date> from;
  std::optional<Date> until;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tenant", tenant, required.to("parties"), "whose work");
    v.field("site", site, required.to("sites"), "where");
    v.field("on", on, required.to("gpus"), "GPU types it uses");
    v.field("occupancy", occupancy, optional.within(0.01, 1),
            "share of the tenant's nodes of these types that it keeps busy");
    v.field("activity", activity, optional.fraction(), "GPU power between idle (0) and TDP (1)");
    v.field("clock_insensitive", clock_insensitive, optional.fraction(),
            "share of time that a lower clock does not stretch");
    v.field("checkpoint", checkpoint, optional.positive().up_to(1e9), "progress between two saves");
    v.field("from", from, optional, "first day (default: the run's)");
    v.field("until", until, optional, "day it ends (default: the run's)");
  }
};

/// A trace a scenario names; a relative path begins at the folder of the scenario.
struct TraceFile {
  std::filesystem::path path;
};

struct TraceSpec : StopCosts {
  static constexpr std::string_view kind = "trace";
  static constexpr std::string_view doc =
      "The jobs of a job trace, each at its time; see `colossim import`.";
  Ref tenant;
  Ref site;
  std::vector<Ref> on;
  TraceFile trace;
  std::string checksum;
  double scale_time = 1;
  double scale_size = 1;
  Time from;
  std::optional<Time> until;
  std::string estimates = "log";
  double estimate_factor = 1;
  double activity = 0.8;
  double clock_insensitive = 0.3;
  std::optional<Time> checkpoint;
  std::optional<ElasticSpec> elastic;

  // Beside the described fields: what `load` found in the trace.
  std::set<std::string> accounts;  // its tenants
  std::int64_t behind = 0;         // jobs of the replayed span that are submitted after the run

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tenant", tenant, required.to("parties"), "whose nodes they run on");
    v.field("site", site, required.to("sites"), "where");
    v.field("on", on, required.to("gpus"),
            "GPU types they run on, preferred first; the trace may narrow it job by job");
    v.field("trace", trace, required,
            "the trace, a CSV file; a relative path begins at the scenario's folder");
    v.field("checksum", checksum, optional,
            "of the trace's bytes: another content is an error (default: none is asked)");
    v.field("scale_time", scale_time, optional.positive().up_to(1e6),
            "times of submission times this: 0.5 doubles the load");
    v.field("scale_size", scale_size, optional.positive().up_to(1e6),
            "sizes times this, rounded, at least one");
    v.field(
        "from", from, optional.within(0, 1e9).choice(),
        "in the trace's own time: jobs submitted before are left out, and it is the run's start");
    v.field("until", until, optional.within(0, 1e9).choice(),
            "in the trace's own time: jobs submitted then or later are left out");
    v.field("estimates", estimates, optional.one_of("log exact").choice(),
            "what policies are told: what users stated, or the truth; never less than the truth");
    v.field("estimate_factor", estimate_factor, optional.within(1, 1e6), "estimates times this");
    v.field("activity", activity, optional.fraction(), "GPU power between idle (0) and TDP (1)");
    v.field("clock_insensitive", clock_insensitive, optional.fraction(),
            "share of time that a lower clock does not stretch");
    v.field("checkpoint", checkpoint, optional.within(0, 1e9),
            "progress between two saves, 0: saved all along; without it a killed job begins again");
    describe_stop_costs(v);
    v.field("elastic", elastic, optional, "other sizes they run on (default: none)");
  }
};

using JobSpec = std::variant<BatchSpec, TrainingSpec, StandingSpec, TraceSpec>;

/// What a user pays over time.
using UserPrice = Quantity<Dimension{.time = -1, .money = 1, .user = -1}>;

struct DemandSpec {
  static constexpr std::string_view doc =
      "Tokens per second = users * requests * tokens * shape of the week.";
  Users daily;
  Frequency growth;
  Quantity<Dimension{.time = -1, .user = -1, .request = 1}> requests_per_user;
  Quantity<Dimension{.request = -1, .token = 1}> tokens_per_request;
  Quantity<Dimension{.request = -1, .token = 1}> context{4000};
  Ref shape;
  double noise = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("daily", daily, required.within(0, 1e11), "daily active users on the first day");
    v.field("growth", growth, optional.within(-0.5 / 2628000, 1.0 / 2628000),
            "of users, compounded each 730 h");
    v.field("requests_per_user", requests_per_user, required.within(0, 100),
            "requests of one user");
    v.field("tokens_per_request", tokens_per_request, required.positive().up_to(1e9),
            "mean output tokens");
    v.field("context", context, optional.positive(),
            "mean tokens held in the key-value cache per sequence");
    v.field("shape", shape, required.to("shapes"), "how demand varies over the week");
    v.field("noise", noise, optional.within(0, 1),
            "sigma of a lognormal factor per step, mean one");
  }
};

struct ServiceSpec {
  static constexpr std::string_view doc =
      "An inference deployment. It claims free nodes before jobs do; replicas follow demand.";
  Ref tenant;
  Ref site;
  Ref model;
  std::vector<Ref> on;
  DemandSpec users;
  Time tpot = 50.0 * units::millisecond;
  double headroom = 0.05;
  Time every = 5.0 * units::minute;
  Time hold = 30.0 * units::minute;
  Time cold_start = 10.0 * units::minute;
  GpuCount reserve;
  std::optional<TokenPrice> revenue;
  std::optional<UserPrice> subscription;
  std::optional<Date> from;
  std::optional<Date> until;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("tenant", tenant, required.to("parties"), "who serves");
    v.field("site", site, required.to("sites"), "where");
    v.field("model", model, required.to("models"), "what it serves");
    v.field("on", on, required.to("gpus"), "GPU types it may use, preferred first");
    v.field("users", users, required, "demand");
    v.field("tpot", tpot, optional.positive(),
            "objective: mean time per output token; sets the load per replica");
    v.field("headroom", headroom, optional.within(0, 2), "capacity kept above the forecast");
    v.field("every", every, optional.within(60, 86400).choice(),
            "demand and autoscaling step; divides an hour");
    v.field("hold", hold, optional.within(0, 86400),
            "a lower need must last this long before replicas leave");
    v.field("cold_start", cold_start, optional.within(0, 86400),
            "claim to first token of a new replica");
    v.field("reserve", reserve, optional.within(0, 1e9),
            "GPUs jobs leave to this service even when it holds fewer");
    v.field("revenue", revenue, optional.within(0, 1),
            "what customers pay per token; without it and `subscription` the books are cost only");
    v.field("subscription", subscription, optional.within(0, 1),
            "what customers pay per daily user, averaged over those who pay nothing");
    v.field("from", from, optional, "first day (default: the run's)");
    v.field("until", until, optional, "day it ends (default: the run's)");
  }
};

}  // namespace colossim

// Finite work: streams of jobs, the queues they wait in, and what runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <colossim/base/clone_ptr.hpp>
#include <colossim/base/random.hpp>
#include <colossim/base/time.hpp>
#include <colossim/model/checkpointing.hpp>
#include <colossim/policy/scheduler.hpp>
#include <colossim/record/job_statistics.hpp>
#include <colossim/scenario/trace.hpp>
#include <colossim/scenario/work.hpp>
#include <colossim/world/event.hpp>
#include <colossim/world/fleet.hpp>

namespace colossim {

/// A trace being replayed: always one row ahead.
struct TraceCursor {
  TraceReader reader;
  TraceJob row;  // the next to arrive
};

/// A stream of jobs as a scenario describes it, with its counters.
struct JobStream {
  std::string name;
  JobSpec spec;
  QueueId queue;
  std::uint32_t account = 0;  // of its queue, where the jobs do not say
  CheckpointLaw checkpoint;
  std::vector<NodeModelId> models;     // it may use, preferred first
  std::vector<ActivityId> activities;  // what its GPUs draw on each
  std::vector<double> speedup;         // dense BF16 rate of each against the first
  SimTime from;
  SimTime until;
  Stream arrivals{StreamName{}};
  Stream sizes{StreamName{}};
  Stream runtimes{StreamName{}};
  std::optional<TraceCursor> cursor;
  std::map<std::pair<std::int64_t, std::string>, DemandId> demands;  // by size and GPU type

  std::int64_t submitted = 0;
  std::int64_t started = 0;
  std::int64_t done = 0;
  std::int64_t running = 0;
  Int128 waited = 0;            // ns, of started jobs
  Int128 gpu_time = 0;          // GPU·ns held by finished jobs
  Int128 useful = 0;            // of it, progress at full speed that was kept
  std::int64_t evicted = 0;     // times jobs lost their nodes
  std::int64_t preempted = 0;   // of them, to other jobs
  std::int64_t resized = 0;     // times a running job changed its size
  Int128 lost = 0;              // GPU·ns at full speed they had to do again
  std::int64_t held_nodes = 0;  // of standing work
  JobStatistics statistics;     // of finished jobs
};

/// Waiting jobs of a tenant at a site, and who shares its nodes.
struct JobQueue {
  std::string name;  // in the scenario's `pools`; empty: not described there
  SiteId site;
  PartyId tenant;
  std::vector<PoolId> pools;  // by server type of the site, as the scheduler counts them
  std::vector<NodeModelId> models;
  std::vector<std::string> accounts;
  Scheduler scheduler;
  std::int64_t waiting_gpus = 0;
  bool arrived = false;               // since the last settle
  SimTime review = SimTime::never();  // when the scheduler wants to be asked again

  // How the waiting went, up to `metered`.
  SimTime metered;
  Int128 queue_time = 0;        // ∫ waiting jobs dt [ns]
  Int128 fragmented_time = 0;   // ∫ free GPUs while jobs wait and none of them fits dt [GPU·ns]
  std::int64_t fragmented = 0;  // such GPUs since the last pass
};

enum class JobState : std::uint8_t { gone, waiting, running };

/// A job that waits or runs. Rows are reused: memory grows with what is unfinished, not with what
/// was.
struct Job {
  JobState state = JobState::gone;
  JobStreamId stream;
  std::int64_t number = 0;  // in its stream, from 1
  QueuedJob queued;         // `runtime`: work left on the first server type at full speed
  std::string id;           // in its trace; empty: it is of no trace
  std::uint32_t gpus = 0;   // it asks for
  SimTime submitted;
  SimTime waits_since;  // submitted, or without nodes again
  Duration lead;        // of its next or present run: what it spends before it goes on
  JobOutcome outcome;

  // Of the present run.
  std::size_t type = 0;  // which of the stream's server types
  double speed = 1;      // against the asked size on the first type
  std::int64_t held_gpus = 0;
  Generation generation = 0;
  SimTime started;
  SimTime audited;               // used GPU-time is audited up to here
  Duration left;                 // work of this run at its speed, without overheads
  Int128 length = 0;             // full_speed · ns to do, overheads included
  Int128 progress_at_start = 0;  // of its activity
  std::vector<NodePart> parts;
};

/// A finished job, for jobs.csv.
struct JobRecord {
  JobStreamId stream;
  std::string id;     // in its trace; empty: it is of no trace
  NodeModelId model;  // of its last run
  JobOutcome outcome;
};

struct JobTables {
  Column<JobStreamId, JobStream> streams;
  Column<QueueId, JobQueue> queues;
  Column<JobId, Job> jobs;
  std::vector<JobId> free_rows;
  std::vector<JobEnded> stalled;  // their activity stood still when they would have ended
  std::vector<JobRecord> ended;   // drained by the observer after each event
  ClonePtr<Placement> standing{make_placement(RackLocalPlacement{}, Stream{StreamName{}})};
  std::int64_t running = 0;
  std::int64_t arrivals = 0;  // so far, of all streams: the order of waiting
};

/// GPUs on some pools that jobs leave to a service: see `reserve`.
struct Reservation {
  std::vector<PoolId> pools;
  std::int64_t missing = 0;
};

/// Schedules the first arrival of a stream.
void open_stream(JobTables& tables, JobStreamId id, Agenda& agenda, SimTime end);
/// `bf16_of_first`: dense rate of the stream's first server type, which the length of training runs
/// is for.
void handle(const JobArrived& event, JobTables& tables, Machines machines, Agenda& agenda,
            double bf16_of_first);
void handle(const JobEnded& event, JobTables& tables, Machines machines, Agenda& agenda);
void handle(const QueueReviewed& event, JobTables& tables);
/// Starts and preempts what the queue policy says; what services have reserved stays free.
void schedule_jobs(QueueId id, JobTables& tables, Machines machines, Agenda& agenda,
                   std::span<const Reservation> reservations);
/// The queue of this name goes on under the queue policy and the placement it has in `changed`, the
/// tables of a world just built from the same scenario but for them.
void adopt_policies(std::string_view name, JobTables& present, const JobTables& changed,
                    Machines machines, Agenda& agenda);
/// GPUs of the waiting jobs of a party at a site, or at all sites when there is none.
std::int64_t waiting_gpus(const JobTables& tables, PartyId party, SiteId site);
/// Starts and ends the standing work of a queue's tenant.
void settle_standing(QueueId id, JobTables& tables, Machines machines);
/// Jobs on these nodes leave them and wait again, with what they saved (all of it when `save`).
void evict_jobs(const std::vector<NodeId>& nodes, bool save, JobTables& tables, Machines machines);
/// Looks again at jobs that stood still, once power is back.
void wake_stalled(JobTables& tables, const PowerTables& power, Agenda& agenda);
/// Adds the used GPU-time of running jobs up to now to the audit of their agreements.
void audit_jobs(JobTables& tables, Fleet& fleet, SimTime now);
/// Progress of a job's present run up to `at`, at full speed, without overheads.
Duration run_progress_of(const Job& job, const JobStream& stream, const PowerTables& power,
                         SimTime at);

}  // namespace colossim

#!/usr/bin/env bash
# A sweep on a private Slurm of one machine: a killed worker, a requeued shard, shards preempted by another job, and
# the same results as here.
#   slurm_test.sh COLOSSIM SOURCE REPLICATES
# More replicates make shards that last longer, for a fast build.
set -euo pipefail

colossim=$(realpath "$1")
source=$(realpath "$2")
replicates=$3
for program in slurmctld slurmd sbatch squeue scontrol munged; do
  if ! command -v "$program" >/dev/null; then
    echo "skipped: no $program"
    exit 77
  fi
done
if [[ $(id -u) != 0 ]]; then
  echo "skipped: slurmd runs as root only"
  exit 77
fi

folder=$(mktemp -d)
pids=()
stop() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

mkdir -m 700 "$folder/munge"
mkdir "$folder/state" "$folder/spool"
head -c 1024 /dev/urandom >"$folder/munge/key"
chmod 400 "$folder/munge/key"
host=$(hostname -s)
cat >"$folder/slurm.conf" <<CONF
ClusterName=colossim
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$((20000 + $$ % 20000))
SlurmdPort=$((20000 + ($$ + 7) % 20000))
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
CommunicationParameters=NoAddrCache
ReturnToService=2
KillWait=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=$host NodeAddr=127.0.0.1 CPUs=3
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=$host MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF
CONF
export SLURM_CONF=$folder/slurm.conf

munged --force --foreground --socket="$folder/munge/socket" --key-file="$folder/munge/key" \
  --seed-file="$folder/munge/seed" --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" 2>"$folder/munged.out" &
pids+=($!)
for _ in $(seq 100); do [[ -S $folder/munge/socket ]] && break; sleep 0.05; done
slurmctld -D -i &>"$folder/slurmctld.out" &
pids+=($!)
slurmd -D &>"$folder/slurmd.out" &
pids+=($!)

wait_until() { # SECONDS COMMAND...: until the command succeeds
  local left=$(($1 * 10))
  shift
  until "$@"; do
    if ((left-- == 0)); then
      echo "waited in vain for: $*"
      squeue || true
      tail -n 20 "$folder"/*.out "$folder"/*.log "$folder"/results.db.shards/*.log 2>/dev/null || true
      exit 1
    fi
    sleep 0.1
  done
}
node_is_idle() { [[ $(sinfo -h -o %t 2>/dev/null) == idle* ]]; }
if ! (wait_until 60 node_is_idle); then
  echo "skipped: Slurm does not come up on this machine"
  exit 77
fi

cp "$source/tests/cli/bad/base/good.yaml" "$folder/good.yaml"
cat >"$folder/study.yaml" <<STUDY
schema: 1
study: over six shards
scenario: good.yaml
metrics: [owner.profit, "site.*"]
axes:
  price: {path: contracts.lease.price, linspace: {from: 1 USD/gpu/h, to: 3 USD/gpu/h, points: 60}}
replicates: $replicates
STUDY
cd "$folder"
catalog=$source/scenarios/catalog

"$colossim" sweep submit --slurm study.yaml --shards 6 --catalog "$catalog" | tee submitted
array=$(sed -n 's/.*shards as job \([0-9]*\).*/\1/p' submitted)
[[ -n $array ]]

workers_of() { # SHARD: process ids; a bare machine has no pgrep
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/exe") == "$colossim" ]] || continue
    tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q "sweep work .*--shard $1/6" && echo "${process#/proc/}"
  done
  true
}

# One worker is killed while it works, another shard is requeued.
victim_works() {
  "$colossim" sweep status --results results.db.shards/0001.db 2>/dev/null | grep -qE ": [1-9][0-9]* done" &&
    workers_of 1 >victim && [[ -s victim ]]
}
wait_until 60 victim_works
xargs kill -9 <victim || true # one may have ended with the other
echo "killed the worker of shard 1: $(tr '\n' ' ' <victim)"
scontrol requeue "${array}_2" && echo "requeued shard 2"
# Another job takes all three processors: whoever runs is preempted.
urgent=$(sbatch --parsable --partition=urgent --ntasks=3 --output="$folder/urgent.out" --wrap="sleep 1")
urgent_ended() { [[ -z $(squeue -h -j "$urgent" 2>/dev/null) ]]; }
wait_until 60 urgent_ended
echo "preempted or requeued: $(scontrol show jobs | grep -c "Restarts=[1-9]") shards"
hurry() { # a requeued job waits two minutes unless it is told
  local job
  for job in $(squeue -h -t PENDING -r -o %i); do scontrol update jobid="$job" StartTime=now 2>/dev/null || true; done
  [[ -z $(squeue -h) ]]
}
wait_until 120 hurry
"$colossim" sweep status --results results.db | tee status

grep -q "shard 1: .* [1-9][0-9]* left" status # it was killed in the middle

# What the killed worker left is submitted again: only that.
for _ in 1 2 3; do
  "$colossim" sweep merge --results results.db --catalog "$catalog" >merged && break
  cat merged
  "$colossim" sweep submit --slurm study.yaml --shards 6 --catalog "$catalog"
  no_jobs() { [[ -z $(squeue -h) ]]; }
  wait_until 120 no_jobs
done

"$colossim" sweep run study.yaml --results local.db --catalog "$catalog"
here=$("$colossim" sweep status --results local.db | tail -n 1)
there=$("$colossim" sweep status --results results.db | tail -n 1)
echo "here $here, on Slurm $there"
[[ $here == "$there" ]]
"$colossim" sweep status --results results.db | grep -q " $((60 * replicates)) done, 0 failed, 0 quarantined, 0 left"
echo "PASSED"

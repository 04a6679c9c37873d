# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the job scripts beside this file share; sourced by them, in a job. docs/clusters.md says how
# they are used.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# A task of an array by its own name: the number alone may mean the whole array.
job=$SLURM_JOB_ID
[[ -z ${SLURM_ARRAY_TASK_ID:-} ]] || job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
restarts=${SLURM_RESTART_COUNT:-0}
most_restarts=${DRIFTWOOD_MOST_RESTARTS:-100}
began=$EPOCHSECONDS

note() { printf '%(%F %T)T job %s: %s\n' -1 "$job" "$*"; }

# give_up CODE MESSAGE - ends the job for good.
give_up() {
  note "$2"
  exit "$1"
}

# What differs from site to site. It may use $ranks and $threads, and sets `launch`.
load_site() {
  local file=$here/machines/${DRIFTWOOD_SITE:-debian}.sh
  ranks=${SLURM_NTASKS:-1}
  threads=${SLURM_CPUS_PER_TASK:-1}
  launch=()
  # shellcheck disable=SC2034
  python=/usr/bin/python3
  bin=${DRIFTWOOD_BIN:-$root/build/release/bin}
  [[ -f $file ]] || give_up 2 "there is no $file (DRIFTWOOD_SITE names it)"
  # srun does not take over the threads that sbatch was told, but what it was told to --export.
  unset SLURM_EXPORT_ENV
  export OMP_NUM_THREADS=$threads SRUN_CPUS_PER_TASK=$threads
  # shellcheck source=jobscripts/machines/debian.sh
  source "$file"
}

# run_job DRIVER [--plot] [--cases FILE] [ARGUMENT OF THE DRIVER...] - all that a job does.
run_job() {
  local driver=$1 plot=false cases='' arguments=()
  shift
  while (($#)); do
    case $1 in
      --plot) plot=true ;;
      --cases)
        (($# > 1)) || give_up 2 "--cases needs a file"
        cases=$2
        shift
        ;;
      --) arguments+=("$@") && break ;;
      *) arguments+=("$1") ;;
    esac
    shift
  done
  trap 'on_usr1' USR1
  trap 'on_term' TERM
  load_site
  [[ -z $cases ]] || add_case "$cases"
  check_deck
  if $plot; then plot_afterwards; fi
  tell_end_of_allocation
  note "life $((restarts + 1)), ranks x threads $ranks x $threads: $driver ${arguments[*]}"
  run_and_wait "${launch[@]}" "$bin/$driver" --resume "${arguments[@]}"
  conclude
}

# ---- before the run -----------------------------------------------------------------------------

# Adds the words of line number SLURM_ARRAY_TASK_ID, quoted as for a shell; empty lines and those
# that begin with # do not count.
add_case() {
  local lines words task=${SLURM_ARRAY_TASK_ID:-}
  [[ -n $task ]] || give_up 2 "--cases is for arrays: sbatch --array=1-N"
  [[ -r $1 ]] || give_up 2 "$1 cannot be read"
  mapfile -t lines < <(grep -vE '^[[:space:]]*(#|$)' "$1")
  ((1 <= task && task <= ${#lines[@]})) || give_up 2 "$1 has ${#lines[@]} cases and no number $task"
  mapfile -d '' -t words < <(xargs printf '%s\0' <<<"${lines[task - 1]}")
  arguments+=("${words[@]}")
}

# Sets `output`, and ends the job where the driver refuses its deck or command line. Tasks of an
# array get outputs of their own.
check_deck() {
  if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
    arguments=("${arguments[@]//%a/$SLURM_ARRAY_TASK_ID}")
  fi
  ask_for_output
  if [[ -n ${SLURM_ARRAY_TASK_ID:-} && " ${arguments[*]}" != *' --output'* ]]; then
    arguments=(--output "${output%.h5}.$SLURM_ARRAY_TASK_ID.h5" "${arguments[@]}")
    ask_for_output
  fi
}

ask_for_output() {
  local answer status=0
  answer=$("$bin/$driver" --check --resume "${arguments[@]}") || status=$?
  ((status != 2)) || give_up 2 "the deck or the command line is wrong, see above; not started"
  ((status == 0)) || give_up "$status" "'$bin/$driver --check' failed with exit code $status"
  output=$(sed -n 's/.*(writes \(.*\)).*/\1/p' <<<"$answer")
  [[ -n $output ]] || give_up 1 "'$bin/$driver --check' does not say what the run writes"
}

# Submits the job that draws, once: while this one lives, its dependent waits in the queue.
plot_afterwards() {
  local name options=(--dependency="afterok:$job" --kill-on-invalid-dep=yes)
  ! squeue -h --me -o '%E' | grep -qE "afterok:$job\b" || return 0
  options+=(--job-name="$driver.plot" --partition="$SLURM_JOB_PARTITION")
  options+=(${SLURM_JOB_ACCOUNT:+"--account=$SLURM_JOB_ACCOUNT"})
  (
    for name in $(compgen -e SLURM_); do # of this job; they would be taken for the other's
      [[ $name == SLURM_CONF ]] || unset "$name"
    done
    sbatch "${options[@]}" "$here/plot.sbatch" "$driver" "$output"
  ) || note "the plots could not be submitted; the run goes on without"
}

# For the margin that the driver keeps before the end. Older SLURMs do not tell.
tell_end_of_allocation() {
  local end
  end=$(SLURM_TIME_FORMAT=%s squeue -h -j "$job" -o %e 2>/dev/null) || end=
  if [[ $end =~ ^[0-9]+$ ]]; then export SLURM_JOB_END_TIME=$end; fi
}

# ---- the run and its end ------------------------------------------------------------------------

child=
interrupted=false # since `wait` was called last
warned=false      # USR1 came: checkpoint, and begin anew
ending=false      # TERM came: SLURM ends the job, and decides what becomes of it

on_usr1() {
  interrupted=true warned=true
  note "USR1: the run is asked for a checkpoint"
  [[ -z $child ]] || kill -USR1 "$child" 2>/dev/null || true
}

# The ranks have been sent it too. To leave before them would cost them the rest of their time.
on_term() { interrupted=true ending=true; }

# Sets `status`, to 75 without a start where the warning came before it.
run_and_wait() {
  status=75
  ! $warned && ! $ending || return 0
  "$@" &
  child=$!
  interrupted=true
  while $interrupted; do
    interrupted=false status=0
    wait "$child" || status=$?
  done
  child=
}

conclude() {
  # Killed by USR1: it came before the program was ready for it.
  ((status != 138)) || ! $warned || status=75
  # srun says 0 after the loss of a node, too.
  ((status != 0)) || is_done || status=137
  ((status != 0)) || give_up 0 "done: $output"
  if $ending; then
    give_up "$status" "ended by SLURM; what starts it again goes on from the last checkpoint"
  fi
  case $status in
    75) requeue "stopped before its end" ;;
    2) give_up 2 "refused, see above; it would be again, so it is not started again" ;;
  esac
  ((status > 128)) || give_up "$status" "failed with exit code $status, see above"
  if is_preempted || has_progressed; then requeue "killed ($status)"; fi
  give_up "$status" "killed ($status) before it left a checkpoint, and not started again by itself"
}

# Checkpoints go when results are there.
is_done() { [[ -f $output ]] && ! compgen -G "$output.ckpt.?" >/dev/null; }

# Pre-emption tells the ranks first. mpirun does not survive that where it started them by srun.
is_preempted() {
  local since
  since=$(SLURM_TIME_FORMAT=%s squeue -h -j "$job" -O PreemptTime:20 2>/dev/null) || since=
  since=${since//[^0-9]/}
  ((${since:-0} >= began))
}

# Whether this life left a checkpoint, so that another one gets further.
has_progressed() {
  local each
  for each in "$output".ckpt.?; do
    [[ ! -f $each ]] || (($(stat -c %Y "$each") < began)) || return 0
  done
  return 1
}

# requeue WHY
requeue() {
  local file again="submit it again, and it goes on from the checkpoint"
  for file in "$output.STOP" "$(dirname "$output")/STOP"; do
    [[ ! -e $file ]] || give_up "$status" "$1 because of the file '$file'; remove it, $again"
  done
  ((restarts < most_restarts)) || give_up "$status" "$1, for good after $restarts restarts; $again"
  note "$1: back into the queue"
  if ! scontrol requeue "$job" && [[ $(squeue -h -j "$job" -o %T) != PENDING ]]; then
    give_up "$status" "SLURM does not requeue it: $again"
  fi # pending already: SLURM did so itself, as after the loss of a node
  exit "$status"
}

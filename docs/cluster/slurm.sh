#!/usr/bin/env bash
# A run over the nodes of one Slurm job: sbatch docs/cluster/slurm.sh SPACE [OPTION...]
# Adapt: the lines below, and SUGRM_SHARED, a folder that every node mounts. The command
# sugrm-search must be on PATH on every node, from the same environment.
#SBATCH --job-name=sugrm
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --gpus-per-task=1
#SBATCH --time=12:00:00
# Two minutes before the end the run stops at its checkpoints; the same sbatch line continues it.
#SBATCH --signal=B:TERM@120
set -euo pipefail

shared=${SUGRM_SHARED:-$SLURM_SUBMIT_DIR}
export SUGRM_CACHE=$shared/cache OMP_NUM_THREADS=1 PYTHONWARNINGS=ignore
# Other users reach these nodes too, and who may use Ray may run anything: only this job may.
RAY_AUTH_TOKEN=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN

mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=$(getent ahostsv4 "${nodes[0]}" | awk 'NR == 1 { print $1 }')
address=$head:$((20000 + SLURM_JOB_ID % 10000))

# Ray lets every user write into its folder, so that one lies in a folder of this job alone, with a name
# that nobody can guess. What Ray and its steps print goes to a file of its own.
folder=/tmp/sugrm-$SLURM_JOB_ID-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')
log=$PWD/slurm-$SLURM_JOB_ID-ray.log
on_all_nodes() { srun --nodes="${#nodes[@]}" --ntasks-per-node=1 --overlap "$@"; }
on_all_nodes mkdir -m 700 "$folder"

# start_ray NODE OPTION...: a Ray node as a step of this job, which ends with it.
start_ray() {
    local node=$1
    shift
    # A step does not inherit the job's CPUs a task: without this it would have one.
    srun --nodes=1 --ntasks=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" --overlap --nodelist="$node" \
        ray start "$@" --num-cpus="$SLURM_CPUS_PER_TASK" --disable-usage-stats --block \
        >>"$log" 2>&1 &
}

end_ray() {
    kill $(jobs -p) 2>/dev/null || true
    wait
    on_all_nodes rm -rf "$folder" >>"$log" 2>&1 || true
}
trap end_ray EXIT
start_ray "${nodes[0]}" --head --node-ip-address="$head" --port="${address##*:}" \
    --include-dashboard=false --temp-dir="$folder/ray"
for attempt in {1..60}; do
    ! ray status --address "$address" >/dev/null 2>&1 || break
    [ "$attempt" -lt 60 ] || { echo "Ray does not answer at $address; see $log" >&2; exit 1; }
    sleep 1
done
# The run begins on the head; it counts the other nodes as they come.
for node in "${nodes[@]:1}"; do
    start_ray "$node" --address="$address"
done

sugrm-search run "$@" --address "$address" --runs "$shared/runs" --quiet &
run=$!
trap 'kill -TERM "$run"' TERM
code=0
wait "$run" || code=$?
# A signal ends `wait` before the run has ended.
while kill -0 "$run" 2>/dev/null; do
    code=0
    wait "$run" || code=$?
done
exit "$code"

#!/usr/bin/env bash

#SBATCH -J dask-worker
#SBATCH -p cpu
#SBATCH -A ml-course
#SBATCH -n 1
#SBATCH --cpus-per-task=8
#SBATCH --mem=24G
#SBATCH -t 08:00:00
module load gcc
/shared/grader/bin/python -m distributed.cli.dask_worker tcp://10.0.0.1:8786 --name grader --nthreads 8 --memory-limit 24.00GiB --nanny --death-timeout 60

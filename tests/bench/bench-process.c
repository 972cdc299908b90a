/*
 * Bench: whole processes. Runs two commands in turn and prints the median wall time (ms) and the
 * median peak resident memory (KiB) of each: theirs, ours, on one line each figure.
 *
 * A small program does this since a child inherits the peak of the process that started it: measured
 * from an interpreter, every small tool would look as large as the interpreter.
 *
 *     bench-process RUNS THEIRS... -- OURS...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_RUNS 1000

struct command {
	char **argv;
	double wall_ms[MAX_RUNS], peak_kib[MAX_RUNS];
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void run(struct command *c, int i)
{
	double start = now_ms();
	struct rusage usage;
	int status, null;
	pid_t pid = fork();

	if (pid == 0) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execv(c->argv[0], c->argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status) {
		fprintf(stderr, "bench-process: %s failed\n", c->argv[0]);
		exit(1);
	}
	c->wall_ms[i] = now_ms() - start;
	c->peak_kib[i] = (double)usage.ru_maxrss;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_value);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	static struct command theirs, ours;
	int runs = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;

	theirs.argv = argv + 2;
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--")) {
			argv[i] = NULL;
			ours.argv = argv + i + 1;
			break;
		}
	}
	if (runs < 1 || runs > MAX_RUNS || !ours.argv || !ours.argv[0] || !theirs.argv[0]) {
		fprintf(stderr, "usage: bench-process RUNS THEIRS... -- OURS...\n");
		return 2;
	}
	run(&theirs, 0); /* both once unmeasured, so that files are in memory */
	run(&ours, 0);
	for (int i = 0; i < runs; i++) {
		run(&theirs, i);
		run(&ours, i);
	}
	printf("%.3f\t%.3f\n", median(theirs.wall_ms, runs), median(ours.wall_ms, runs));
	printf("%.0f\t%.0f\n", median(theirs.peak_kib, runs), median(ours.peak_kib, runs));
	return 0;
}

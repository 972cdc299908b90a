/*
 * Recorder file: opens, hides and appends (see recorder-file.h).
 *
 * All is done by syscall(2), which is no point of cancellation and none of our own hooks.
 */
#include "recorder-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pcapng-write.h"
#include "recorder-real.h"

/* Out of the way, but below 64, where the kernel's table of descriptors has to grow: in a process with
 * threads that takes it 10 ms. */
#define HIGH 48
#define LOCK_TRIES 100
#define YIELD_SPINS 1000
#define OPEN_MSEC 300 /* more than opening a file takes on a busy machine */

#define SYS(...) QK_REAL(syscall)(__VA_ARGS__)

static void say(const struct qk_recorder_file *file, const char *what, const char *name, int error)
{
	char line[PATH_MAX + 256];

	if (!file->verbose)
		return;
	int size = snprintf(line, sizeof(line), "qmitrace: %s%s%s%s\n", name, *name ? ": " : "",
			    what, error ? strerrordesc_np(error) ?: "error" : "");
	if (size > 0)
		SYS(SYS_write, STDERR_FILENO, line, (size_t)size);
}

static void stop(struct qk_recorder_file *file, const char *what, int error)
{
	if (!atomic_exchange(&file->stopped, true))
		say(file, what, file->name, error);
}

/* Puts the process id where %p is. */
static void expand(const char *name, char ret[PATH_MAX])
{
	size_t used = 0;

	while (*name && used < PATH_MAX - 1) {
		if (name[0] == '%' && name[1] == 'p') {
			int size = snprintf(ret + used, PATH_MAX - used, "%d", getpid());
			used = size > 0 && used + (size_t)size < PATH_MAX ? used + (size_t)size
									  : PATH_MAX - 1;
			name += 2;
			continue;
		}
		name += name[0] == '%' && name[1] == '%';
		ret[used++] = *name++;
	}
	ret[used] = '\0';
}

/* A file that is there is gone on with if it is a recording, and nobody else's. */
static int check(int fd)
{
	uint8_t head[QK_PCAPNG_HEAD], there[QK_PCAPNG_HEAD];
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || status.st_mode & 077)
		return -EPERM;
	qk_pcapng_head(head);
	for (int i = 0; i < LOCK_TRIES && SYS(SYS_flock, fd, LOCK_EX | LOCK_NB) < 0; i++)
		sched_yield();
	ssize_t size = SYS(SYS_read, fd, there, sizeof(there));
	if (size == 0)
		size = SYS(SYS_write, fd, head, sizeof(head)) == sizeof(head) ? 0 : -1;
	int r = size < 0 ? -errno : 0;
	SYS(SYS_flock, fd, LOCK_UN);
	if (size > 0 && (size < (ssize_t)sizeof(head) || memcmp(head, there, sizeof(head))))
		return -EEXIST;
	return r;
}

static int open_name(const char *name)
{
	int flags =
		O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_LARGEFILE;
	int fd = (int)SYS(SYS_openat, AT_FDCWD, name, flags | O_CREAT | O_EXCL, 0600);

	if (fd < 0 && errno == EEXIST)
		fd = (int)SYS(SYS_openat, AT_FDCWD, name, flags, 0);
	if (fd < 0)
		return -errno;
	int r = check(fd);
	if (r == 0)
		return fd;
	SYS(SYS_close, fd);
	return r;
}

/* Up, so that the program gets the numbers it would have got. */
static int move_up(int fd, int at_least)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= (rlim_t)at_least)
		at_least = limit.rlim_cur > 8 ? (int)limit.rlim_cur - 8 : 0;
	int moved = (int)SYS(SYS_fcntl, fd, F_DUPFD_CLOEXEC, at_least);
	return moved;
}

static int open_either(struct qk_recorder_file *file, char name[PATH_MAX])
{
	expand(file->name, name);
	int fd = open_name(name);
	bool elsewhere = fd == -EACCES || fd == -EROFS || fd == -EPERM || fd == -ENOENT;
	if (!elsewhere || !file->otherwise[0])
		return fd;
	expand(file->otherwise, name);
	return open_name(name);
}

static void open_now(struct qk_recorder_file *file)
{
	char name[PATH_MAX];
	struct stat status;
	int fd = open_either(file, name);

	if (fd < 0) {
		stop(file, "no recording: ", -fd);
		return;
	}
	int high = move_up(fd, HIGH);
	if (high >= 0) {
		SYS(SYS_close, fd);
		fd = high;
	}
	if (fstat(fd, &status) < 0) {
		stop(file, "no recording: ", errno);
		return;
	}
	atomic_store(&file->device, status.st_dev);
	atomic_store(&file->inode, status.st_ino);
	atomic_store(&file->fd, fd + 1);
	if (file->announce)
		say(file, "the recording; read it with qmi-trace show", name, 0);
}

static bool is_past(const struct timespec *start, long msec)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000 >
	       msec;
}

void qk_recorder_file_open(struct qk_recorder_file *file)
{
	struct timespec start = { 0 };

	/* Another thread may be at it; one that a signal interrupted will not go on before us. */
	while (!atomic_load(&file->fd) && !atomic_load(&file->stopped)) {
		pthread_t nobody = 0;
		if (atomic_compare_exchange_strong(&file->opener, &nobody, pthread_self())) {
			if (!atomic_load(&file->fd))
				open_now(file);
			atomic_store(&file->opener, 0);
			return;
		}
		if (!start.tv_sec)
			clock_gettime(CLOCK_MONOTONIC, &start);
		if (nobody == pthread_self() || is_past(&start, OPEN_MSEC))
			return;
		sched_yield();
	}
}

/* Whether the descriptor is still ours, and takes so many bytes more: past a limit of the file's
 * size a signal would come. */
static bool is_fit(struct qk_recorder_file *file, int fd, size_t size)
{
	struct rlimit limit;
	struct stat status;

	if (fstat(fd, &status) < 0 || status.st_ino != atomic_load(&file->inode) ||
	    status.st_dev != atomic_load(&file->device)) {
		int ours = fd + 1;
		atomic_compare_exchange_strong(&file->fd, &ours, 0); /* closed behind our back */
		return false;
	}
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return true;
	if ((rlim_t)status.st_size + size <= limit.rlim_cur)
		return true;
	stop(file, "recording ends: ", EFBIG);
	return false;
}

void qk_recorder_file_append(struct qk_recorder_file *file, const struct iovec *parts, int count,
			     size_t size)
{
	for (unsigned int attempt = 0; attempt < 2 && !atomic_load(&file->stopped); attempt++) {
		qk_recorder_file_open(file);
		atomic_fetch_add(&file->writers, 1);
		int fd = atomic_load(&file->fd) - 1;
		bool fit = fd >= 0 && is_fit(file, fd, size);
		long written = fit ? SYS(SYS_writev, fd, parts, count) : 0;
		int error = written < 0 ? errno : ENOSPC;
		atomic_fetch_sub(&file->writers, 1);
		if (fit && written != (long)size)
			stop(file, "recording ends: ", error);
		if (fit)
			return;
	}
}

bool qk_recorder_file_is(const struct qk_recorder_file *file, int fd)
{
	return fd >= 0 && atomic_load_explicit(&file->fd, memory_order_relaxed) == fd + 1;
}

void qk_recorder_file_yield(struct qk_recorder_file *file, int fd)
{
	int moved = move_up(fd, fd + 1);

	atomic_store(&file->fd, moved >= 0 ? moved + 1 : 0);
	/* Who is writing has the old number. */
	for (int i = 0; i < YIELD_SPINS && atomic_load(&file->writers); i++)
		sched_yield();
	SYS(SYS_close, fd);
}

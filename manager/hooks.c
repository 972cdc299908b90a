/*
 * Hooks: a run is a list of programs with the same arguments; one runs at a time. It has a group of processes of its
 * own, which is what a kill reaches.
 */
#include "hooks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#include "modem.h"

enum {
	PROGRAMS_MAX = 64,
	ARGUMENTS_MAX = MODEM_PORTS_MAX + 4,
	TIMEOUT_USEC = 5000000,
	RUNS_MAX = 64
};

struct hook_run {
	struct hook_run *prev, *next;
	struct hooks *hooks;
	const char *kind;               /* for the log: the name of the folder */
	char *programs[PROGRAMS_MAX];   /* paths */
	char *arguments[ARGUMENTS_MAX]; /* behind the path; NULL at the end */
	size_t program_count, at;
	pid_t pid;
	bool late;
	sd_event_source *child, *timer;
	hook_done_fn fn;
	void *userdata;
	int status; /* of the last that failed */
};

/* --- Which file is run */

static bool is_roots(const struct stat *status)
{
	return status->st_uid == 0 && !(status->st_mode & (S_IWGRP | S_IWOTH));
}

/* NULL: it may be run; else what is wrong with it. */
static const char *objection(const char *path)
{
	char folder[512], target[16];
	const char *slash = strrchr(path, '/');
	ssize_t length = readlink(path, target, sizeof(target));
	struct stat status;

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	/* How a program of a package is switched off. */
	if (length == (ssize_t)strlen("/dev/null") && memcmp(target, "/dev/null", 9) == 0)
		return "it is a link to /dev/null";
	if (stat(folder, &status) < 0 || !is_roots(&status))
		return "its folder is not root's alone to write to";
	if (stat(path, &status) < 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "it is no regular file";
	if (status.st_size == 0)
		return "it is empty";
	if (status.st_uid != 0)
		return "it is not root's";
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return "others than root may write to it";
	if (status.st_mode & S_ISUID)
		return "it is set-user-ID";
	return status.st_mode & S_IXUSR ? NULL : "it is not executable";
}

/* --- One program */

static void run_free(struct hook_run *run)
{
	DL_DELETE(run->hooks->runs, run);
	if (run->pid > 0)
		(void)kill(-run->pid, SIGKILL);
	sd_event_source_disable_unref(run->child);
	sd_event_source_disable_unref(run->timer);
	for (size_t i = 0; i < run->program_count; i++)
		free(run->programs[i]);
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		free(run->arguments[i]);
	free(run);
}

static void fail(struct hook_run *run, const char *why)
{
	log_line(run->hooks->log, LOG_WARNING, NULL, "%s: %s", run->programs[run->at], why);
	run->status = -EPERM;
}

static int start(struct hook_run *run);

/* Starts the next that can be, or ends. */
static void go_on(struct hook_run *run)
{
	while (run->at < run->program_count) {
		const char *why = objection(run->programs[run->at]);

		if (!why && start(run) == 0)
			return;
		if (why)
			fail(run, why);
		run->at++;
	}

	hook_done_fn fn = run->fn;
	void *userdata = run->userdata;
	int status = run->program_count == 0 ? -ENOENT : run->status;

	run_free(run);
	if (fn)
		fn(userdata, status);
}

static int on_end(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct hook_run *run = userdata;
	char why[64];

	(void)source;
	run->pid = 0;
	run->child = sd_event_source_disable_unref(run->child);
	run->timer = sd_event_source_disable_unref(run->timer);
	if (info->si_code == CLD_EXITED && info->si_status != 0)
		snprintf(why, sizeof(why), "it ended with status %d", info->si_status);
	else
		snprintf(why, sizeof(why), run->late ? "it took too long" : "signal %d ended it",
			 info->si_status);
	if (info->si_code != CLD_EXITED || info->si_status != 0)
		fail(run, why);
	run->at++;
	go_on(run);
	return 0;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hook_run *run = userdata;

	(void)source, (void)usec;
	run->late = true;
	(void)kill(-run->pid, SIGKILL);
	return 0;
}

static int spawn(const char *path, char *const *argv, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY,
						     0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
						     0);
	if (r == 0)
		r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
								  POSIX_SPAWN_SETSIGDEF |
								  POSIX_SPAWN_SETPGROUP);
	if (r == 0)
		r = posix_spawnattr_setsigmask(&attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(&attributes, &all);
	if (r == 0)
		r = posix_spawn(ret, path, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int start(struct hook_run *run)
{
	char *argv[ARGUMENTS_MAX + 1] = { run->programs[run->at] };
	int r;

	for (size_t i = 0; i < ARGUMENTS_MAX - 1; i++)
		argv[i + 1] = run->arguments[i];
	run->late = false;
	r = spawn(argv[0], argv, &run->pid);
	if (r < 0) {
		run->pid = 0;
		fail(run, strerror(-r));
		return r;
	}
	log_line(run->hooks->log, LOG_DEBUG, NULL, "%s is run", argv[0]);
	r = sd_event_add_child(run->hooks->event, &run->child, run->pid, WEXITED, on_end, run);
	if (r >= 0)
		r = sd_event_add_time_relative(run->hooks->event, &run->timer, CLOCK_MONOTONIC,
					       TIMEOUT_USEC, 0, on_late, run);
	if (r < 0) {
		/* Nobody would see its end. */
		(void)kill(-run->pid, SIGKILL);
		(void)waitpid(run->pid, NULL, 0);
		run->pid = 0;
		run->child = sd_event_source_disable_unref(run->child);
		fail(run, strerror(-r));
	}
	return r < 0 ? r : 0;
}

/* --- A run */

static int on_begin(sd_event_source *source, void *userdata)
{
	struct hook_run *run = userdata;

	(void)source;
	run->child = sd_event_source_disable_unref(run->child);
	go_on(run);
	return 0;
}

/* NULL: there is no memory, or there are too many. */
static struct hook_run *run_new(struct hooks *hooks, const char *kind, hook_done_fn fn,
				void *userdata)
{
	struct hook_run *run = calloc(1, sizeof(*run)), *other;
	size_t count;

	DL_COUNT(hooks->runs, other, count);
	if (!run || count >= RUNS_MAX ||
	    sd_event_add_defer(hooks->event, &run->child, on_begin, run) < 0) {
		log_line(hooks->log, LOG_WARNING, NULL, "the programs of %s are not run", kind);
		free(run);
		return NULL;
	}
	run->hooks = hooks;
	run->kind = kind;
	run->fn = fn;
	run->userdata = userdata;
	DL_APPEND(hooks->runs, run);
	return run;
}

static void add_program(struct hook_run *run, const char *folder, const char *name)
{
	char path[512];
	int length = snprintf(path, sizeof(path), "%s/%s/%s", folder, run->kind, name);

	if (length < 0 || (size_t)length >= sizeof(path) || run->program_count == PROGRAMS_MAX)
		return;
	run->programs[run->program_count] = strdup(path);
	if (run->programs[run->program_count])
		run->program_count++;
}

static void add_argument(struct hook_run *run, const char *argument)
{
	size_t i = 0;

	while (i < ARGUMENTS_MAX - 1 && run->arguments[i])
		i++;
	if (i < ARGUMENTS_MAX - 1)
		run->arguments[i] = strdup(argument);
}

/* By name, whatever the folder; the administrator's first where two have one name. */
static int by_name(const void *a, const void *b)
{
	const char *left = *(char *const *)a, *right = *(char *const *)b;
	int r = strcmp(strrchr(left, '/'), strrchr(right, '/'));

	return r ? r : strcmp(left, right);
}

static void add_folder(struct hook_run *run, const char *folder)
{
	const struct dirent *entry;
	char path[512];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", folder, run->kind);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_program(run, folder, entry->d_name);
	if (dir)
		closedir(dir);
}

void hooks_tell_connection(struct hooks *hooks, const char *modem, const char *bearer,
			   const char *interface, bool connected)
{
	struct hook_run *run = run_new(hooks, "connection.d", NULL, NULL);

	if (!run)
		return;
	for (size_t i = 0; i < 2; i++)
		add_folder(run, hooks->folders[i]);
	qsort(run->programs, run->program_count, sizeof(run->programs[0]), by_name);
	add_argument(run, modem);
	add_argument(run, bearer);
	add_argument(run, interface);
	add_argument(run, connected ? "connected" : "disconnected");
}

void hooks_run_for_modem(struct hooks *hooks, const struct modem *modem, const char *folder,
			 const char *subject, hook_done_fn fn, void *userdata)
{
	const struct modem_description *d = &modem->description;
	struct hook_run *run = run_new(hooks, folder, fn, userdata);
	char name[16], path[512];

	if (!run) {
		fn(userdata, -ENOMEM);
		return;
	}
	snprintf(name, sizeof(name), "%04x:%04x", d->vendor, d->product);
	for (size_t i = 0; i < 2 && run->program_count == 0; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", hooks->folders[i], folder, name);
		if (access(path, F_OK) == 0)
			add_program(run, hooks->folders[i], name);
	}
	add_argument(run, subject);
	for (size_t i = 0; i < d->port_count; i++)
		if (d->ports[i].type == MM_MODEM_PORT_TYPE_AT ||
		    d->ports[i].type == MM_MODEM_PORT_TYPE_QMI ||
		    d->ports[i].type == MM_MODEM_PORT_TYPE_MBIM)
			add_argument(run, d->ports[i].name);
}

void hooks_open(struct hooks *hooks, sd_event *event, const struct log *log, const char *folder)
{
	sigset_t child;

	*hooks = (struct hooks){
		.log = log,
		.event = event,
		.folders = { folder, QK_LIB_FOLDER },
	};
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
}

void hooks_close(struct hooks *hooks)
{
	while (hooks->runs)
		run_free(hooks->runs);
}

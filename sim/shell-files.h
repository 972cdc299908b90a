/*
 * Shell, files: plain files that act when they are written and are fresh when they are read, as those of
 * sysfs.
 *
 * Owns: the files in a folder of its own, their leases. Does not know: namespaces, the command, what a
 * file means: it asks and tells through the control socket.
 * Lifetime: qk_shell_files_open() to qk_shell_files_close(). Called from: shell.c. One process.
 *
 * Each file has a write lease (fcntl(2)), so that whoever opens it waits until it was made ready for
 * him; the next one finds a new file of the same name. What was written acts when it is closed, before
 * any of the files is opened again. A refusal comes too late for who wrote, so it is said on standard
 * error.
 */
#pragma once

#include "ctl-link.h"

#define QK_SHELL_FILES_MAX 16u

struct qk_shell_file {
	char name[64]; /* below the folder */
	int fd;        /* leased: what is at the name now */
	int opened_fd; /* what somebody has opened; -1: nobody has */
	int watch;     /* of inotify, on the latter */
	int writing;   /* he opened it to write */
};

struct qk_shell_files {
	const char *folder;
	struct qk_ctl_link *link;
	json_int_t modem;
	int inotify_fd;
	uint64_t opened_msec; /* when a writer came */
	struct qk_shell_file files[QK_SHELL_FILES_MAX];
	size_t count;
};

/* Makes the files in `folder` (borrowed, as `link` is). 0 or an exit status, after a line on standard
 * error. Close them in any case. */
int qk_shell_files_open(struct qk_shell_files *files, const char *folder, struct qk_ctl_link *link,
			json_int_t modem);
void qk_shell_files_close(struct qk_shell_files *files);

/* To be called when SIGIO came, when `inotify_fd` is ready, and after the milliseconds that it returns
 * (-1: none). */
int qk_shell_files_run(struct qk_shell_files *files);

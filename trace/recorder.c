/*
 * Recorder: the library's state, and its constructor (see recorder.h).
 */
#include "recorder.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GUIDE_NAME "qmuxd_wrapper.so" /* the name under which it says where the recording is */

struct qk_recorder *qk_recorder(void)
{
	static struct qk_recorder recorder;

	return &recorder;
}

/* In a child of fork(2), which has a copy of everything but its parent's other threads. */
static void forked(void)
{
	struct qk_recorder *recorder = qk_recorder();

	atomic_store(&recorder->pid, getpid());
	qk_recorder_pool_forked(&recorder->pool);
	atomic_store(&recorder->file.opener, 0);
	atomic_store(&recorder->file.writers, 0);
}

/* The program may change its folder before it opens a modem. */
static void absolute(const char *name, char ret[PATH_MAX])
{
	char folder[PATH_MAX] = "";

	if (*name != '/' && !getcwd(folder, sizeof(folder)))
		folder[0] = '\0';
	int size = snprintf(ret, PATH_MAX, "%s%s%s", folder, *folder ? "/" : "", name);
	if (size < 0 || size >= PATH_MAX)
		ret[0] = '\0';
}

static void name_file(struct qk_recorder_file *file)
{
	static const char usual[] = "qmi-%p.pcapng";
	const char *name = secure_getenv("QMITRACE_FILE"),
		   *verbose = secure_getenv("QMITRACE_VERBOSE");
	const char *folder = secure_getenv("TMPDIR");
	Dl_info self;

	absolute(name ?: usual, file->name);
	if (!name)
		snprintf(file->otherwise, sizeof(file->otherwise), "%s/%s",
			 folder && *folder == '/' ? folder : "/tmp", usual);
	file->announce = !name && dladdr((void *)forked, &self) && self.dli_fname &&
			 strstr(self.dli_fname, GUIDE_NAME);
	file->verbose = file->announce || (verbose && *verbose && strcmp(verbose, "0"));
	if ((name && !*name) || !file->name[0])
		atomic_store(&file->stopped, true);
}

__attribute__((constructor)) static void start(void)
{
	struct qk_recorder *recorder = qk_recorder();
	const char *globs = secure_getenv("QMITRACE_DEVICES");
	int error = errno;

	name_file(&recorder->file);
	snprintf(recorder->process, sizeof(recorder->process), "%s", program_invocation_short_name);
	if (globs && strlen(globs) < sizeof(recorder->globs))
		memcpy(recorder->globs, globs, strlen(globs) + 1);
	atomic_store(&recorder->pid, getpid());
	bool safe = pthread_atfork(NULL, NULL, forked) == 0;
	atomic_store(&recorder->active, safe && !atomic_load(&recorder->file.stopped));
	errno = error;
}

/* What has begun as a frame and was never ended is kept as it came. */
__attribute__((destructor)) static void finish(void)
{
	struct qk_recorder *recorder = qk_recorder();
	uint32_t count = atomic_load(&recorder->active) ? atomic_load(&recorder->pool.count) : 0;

	for (uint32_t i = 0; i < count; i++) {
		struct qk_recorder_connection *connection = atomic_load(&recorder->pool.slots[i]);
		if (connection && atomic_load(&connection->users))
			qk_recorder_flush(connection);
	}
}

/*
 * record: runs a program with the recorder preloaded, and its exit status becomes ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pcapng-write.h"
#include "verbs.h"

#define LIBRARY "libqmitrace.so"
#define NOT_FOUND 127 /* as a shell says that a command is not there */
#define NOT_RUN 126

static const char help[] =
	"Usage: qmi-trace record [-o FILE] [--append] [--devices GLOBS] -- COMMAND...\n"
	"Runs the command and records every QMI frame that it and the programs it starts exchange\n"
	"with modems. The exit status is the command's.\n"
	"\n"
	"  -o, --output FILE  the recording; qmi-DATE-TIME.pcapng if it is left out\n"
	"  --append           go on with a recording that is there\n"
	"  --devices GLOBS    further devices and sockets that speak QMI, such as /dev/ttyUSB4:@name\n"
	"\n"
	"A recording holds personal data: it is readable by you alone. 'qmi-trace show' reads it.\n";

struct options {
	const char *file, *devices;
	bool append;
	char **command;
};

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "error: record: %s%s; see qmi-trace record --help\n", what, value);
	return QK_TRACE_USAGE;
}

/* Where an option's value goes, or NULL: it has none or is not known. */
static const char **value_of(struct options *options, const char *word)
{
	if (!strcmp(word, "-o") || !strcmp(word, "--output"))
		return &options->file;
	return strcmp(word, "--devices") ? NULL : &options->devices;
}

static int read_options(char **argv, struct options *options)
{
	char **word = argv + 1;

	for (; *word && **word == '-' && strcmp(*word, "--"); word++) {
		const char **value = value_of(options, *word);
		if (!strcmp(*word, "--append"))
			options->append = true;
		else if (!value)
			return usage("there is no option ", *word);
		else if (!word[1])
			return usage("a value is missing behind ", *word);
		else
			*value = *++word;
	}
	options->command = word + (*word && !strcmp(*word, "--"));
	return *options->command ? 0 : usage("which command?", "");
}

/* The recorder beside this program (as in a build directory), or where it is installed. */
static int find_library(char ret[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size > 0) {
		self[size] = '\0';
		*(strrchr(self, '/') ?: self) = '\0';
		if (snprintf(ret, PATH_MAX, "%s/" LIBRARY, self) < PATH_MAX && !access(ret, R_OK))
			return 0;
	}
	snprintf(ret, PATH_MAX, "%s/" LIBRARY, QK_LIBRARIES);
	return access(ret, R_OK) < 0 ? -errno : 0;
}

/* The file that the programs will append to. Made here, so that what is wrong with it is said before
 * anything runs. */
static int make_file(const char *path, bool append)
{
	uint8_t head[QK_PCAPNG_HEAD];
	struct stat there;

	if (append && stat(path, &there) == 0)
		return 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	qk_pcapng_head(head);
	ssize_t written = write(fd, head, sizeof(head));
	int r = written < 0 ? -errno : written < (ssize_t)sizeof(head) ? -ENOSPC : 0;
	close(fd);
	return r;
}

static int set_environment(const char *file, const char *devices, const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	char path[PATH_MAX], preload[2 * PATH_MAX];

	if (!realpath(file, path))
		return -errno;
	bool alone = !others || !*others;
	if (snprintf(preload, sizeof(preload), "%s%s%s", library, alone ? "" : ":",
		     alone ? "" : others) >= (int)sizeof(preload))
		return -ENAMETOOLONG;
	if (setenv("LD_PRELOAD", preload, 1) < 0 || setenv("QMITRACE_FILE", path, 1) < 0 ||
	    (devices && setenv("QMITRACE_DEVICES", devices, 1) < 0))
		return -errno;
	return 0;
}

static int fail(const char *what, int error)
{
	const char *hint = error == -EEXIST ? " (--append adds to it)" : "";

	fprintf(stderr, "error: record: %s: %s%s\n", what, strerror(-error), hint);
	return QK_TRACE_FAILED;
}

int qk_trace_record(int argc, char **argv)
{
	struct options options = { 0 };
	char name[64], library[PATH_MAX];
	time_t now = time(NULL);
	struct tm local;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return fflush(stdout) == EOF ? QK_TRACE_FAILED : 0;
	}
	int r = read_options(argv, &options);
	if (r)
		return r;
	if (!options.file) {
		strftime(name, sizeof(name), "qmi-%Y%m%d-%H%M%S.pcapng", localtime_r(&now, &local));
		options.file = name;
	}
	r = find_library(library);
	if (r < 0)
		return fail(library, r);
	r = make_file(options.file, options.append);
	if (r == 0)
		r = set_environment(options.file, options.devices, library);
	if (r < 0)
		return fail(options.file, r);
	execvp(options.command[0], options.command);
	r = errno == ENOENT ? NOT_FOUND : NOT_RUN;
	fail(options.command[0], -errno);
	return r;
}

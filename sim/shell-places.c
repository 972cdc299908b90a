/*
 * Shell, places: folders that are covered by what was in them and a little more (see shell-places.h).
 */
#include "shell-places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-client.h"

#define RECORDER "qmuxd_wrapper.so"
#define SOCKET "qmux_connect_socket"
#define HOME "/home"
#define ROOT_HOME HOME "/root"
/* Where modems of this chip have it [R]. */
#define SOCKET_FOLDER "/var"

/* Looking. */

static void find_programs(struct qk_shell_places *places)
{
	ssize_t size = readlink("/proc/self/exe", places->programs, sizeof(places->programs) - 1);

	places->programs[size < 0 ? 0 : size] = 0;
	char *slash = strrchr(places->programs, '/');
	if (slash)
		*slash = 0;
}

/* The recorder beside this program, where the two were built, or where it was installed. */
static void find_recorder(struct qk_shell_places *places)
{
	const char *const folders[][2] = {
		{ places->programs, "/libqmitrace.so" },
		{ places->programs, "/../trace/libqmitrace.so" },
		{ QK_RECORDERS, "/libqmitrace.so" },
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int size = snprintf(places->recorder, sizeof(places->recorder), "%s%s",
				    folders[i][0], folders[i][1]);
		if (size > 0 && (size_t)size < sizeof(places->recorder) &&
		    access(places->recorder, R_OK) == 0)
			return;
	}
	*places->recorder = 0;
}

int qk_shell_places_find(struct qk_shell_places *places, struct qk_ctl_link *link, json_int_t modem)
{
	json_t *answer = NULL, *request = json_pack("{s:s, s:I}", "do", "status", "modem", modem);

	*places = (struct qk_shell_places){ 0 };
	find_programs(places);
	find_recorder(places);
	int status = qk_ctl_send(link, request);
	json_decref(request);
	if (status == 0)
		status = qk_ctl_receive(link, &answer);
	if (status != 0)
		return status;
	/* a modem that there is not is refused where the gadget is asked for */
	const char *folder = json_string_value(json_object_get(answer, "qmuxd"));
	int size =
		folder ? snprintf(places->socket, sizeof(places->socket), "%s/" SOCKET, folder) : 0;
	if (size < 0 || (size_t)size >= sizeof(places->socket))
		status = qk_ctl_fail(folder, strerror(ENAMETOOLONG));
	json_decref(answer);
	return status;
}

/* Showing. */

/* Something of the file's kind to mount it on. */
static int make_target(const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return mkdir(path, 0755) < 0 ? -errno : 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Shows what is behind a descriptor at `path`, which is not there yet. */
static int show(int fd, const char *path)
{
	char source[64];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	int r = make_target(path, &st);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (r == 0 && mount(source, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		r = -errno;
	return r;
}

/* An entry of the folder that was covered, at its place again. */
static int show_again(int folder_fd, const char *folder, const char *name)
{
	char path[PATH_MAX], link[PATH_MAX];
	int size = snprintf(path, sizeof(path), "%s/%s", folder, name);

	if (size < 0 || (size_t)size >= sizeof(path))
		return -ENAMETOOLONG;
	ssize_t length = readlinkat(folder_fd, name, link, sizeof(link) - 1);
	if (length >= 0) {
		link[length] = 0;
		return symlink(link, path) < 0 ? -errno : 0;
	}
	int fd = openat(folder_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	int r = show(fd, path);
	close(fd);
	return r;
}

/* Covers a folder by one that has the same in it, but for `except`, and can be added to. What may not be
 * shown again, such as a file system of another user, is missing inside. */
static int cover(const char *folder, const char *except)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!entries)
		return -errno;
	if (mount("qmi-sim", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
		r = -errno;
	while (r == 0 && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, except) != 0)
			(void)show_again(fd, folder, entry->d_name);
	closedir(entries);
	return r;
}

/* /home/root with the recorder in it, whether the folder is there already or not. */
static int show_recorder(int fd)
{
	bool there = access(ROOT_HOME, F_OK) == 0;
	int r = cover(there ? ROOT_HOME : HOME, there ? RECORDER : "");

	if (r == 0 && !there && mkdir(ROOT_HOME, 0755) < 0)
		r = -errno;
	return r == 0 ? show(fd, ROOT_HOME "/" RECORDER) : r;
}

/* The shell is of use without it. */
static void miss(const char *path, int r)
{
	fprintf(stderr, "qmi-sim: %s is not there: %s\n", path, strerror(-r));
}

static int show_socket(int fd)
{
	int r = cover(SOCKET_FOLDER, SOCKET);

	return r == 0 ? show(fd, SOCKET_FOLDER "/" SOCKET) : r;
}

/* What was covered cannot be opened any more, so all is opened first; and in this namespace, or it could not
 * be mounted. */
void qk_shell_places_make(const struct qk_shell_places *places)
{
	int recorder = *places->recorder ? open(places->recorder, O_PATH | O_CLOEXEC) : -1;
	int socket = *places->socket ? open(places->socket, O_PATH | O_CLOEXEC) : -1;
	int r = recorder >= 0 ? show_recorder(recorder) : 0;

	if (r < 0)
		miss(ROOT_HOME "/" RECORDER, r);
	r = socket >= 0 ? show_socket(socket) : *places->socket ? -ENOENT : 0;
	if (r < 0)
		miss(SOCKET_FOLDER "/" SOCKET, r);
	if (recorder >= 0)
		close(recorder);
	if (socket >= 0)
		close(socket);
}

void qk_shell_places_set_path(const struct qk_shell_places *places)
{
	const char *path = getenv("PATH");
	char *all = NULL;

	if (*places->programs &&
	    asprintf(&all, "%s:%s", places->programs, path ? path : "/usr/bin:/bin") >= 0)
		(void)setenv("PATH", all, 1);
	free(all);
}

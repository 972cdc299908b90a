/*
 * Shell, files: leases, and what is read and written (see shell-files.h).
 */
#include "shell-files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-client.h"

/* Who keeps a file open this long holds the others up no longer. */
#define WRITER_MSEC 2000

/* Asks something of the modem; NULL after a line on standard error. */
static json_t *ask(struct qk_shell_files *files, json_t *take_request)
{
	json_t *answer = NULL;
	int status = qk_ctl_send(files->link, take_request);

	json_decref(take_request);
	if (status == 0)
		status = qk_ctl_receive(files->link, &answer);
	if (status)
		return NULL;
	if (json_is_true(json_object_get(answer, "ok")))
		return answer;
	fprintf(stderr, "qmi-sim: %s\n", json_string_value(json_object_get(answer, "error")));
	json_decref(answer);
	return NULL;
}

static json_t *ask_all(struct qk_shell_files *files)
{
	return ask(files, json_pack("{s:s, s:I}", "do", "gadget", "modem", files->modem));
}

/* Fills a file with what it holds now. */
static int fill(struct qk_shell_files *files, const struct qk_shell_file *file, int fd)
{
	json_t *answer = ask_all(files);
	const char *text =
		json_string_value(json_object_get(json_object_get(answer, "files"), file->name));
	int r = -EIO;

	if (text) {
		r = ftruncate(fd, 0) < 0 || pwrite(fd, text, strlen(text), 0) < 0 ||
				    pwrite(fd, "\n", 1, (off_t)strlen(text)) < 0
			    ? -errno
			    : 0;
	}
	json_decref(answer);
	return r;
}

/* A new, leased file at the name. */
static int place(struct qk_shell_files *files, struct qk_shell_file *file)
{
	char path[PATH_MAX], new_path[PATH_MAX + sizeof(".new")];
	int size = snprintf(path, sizeof(path), "%s/%s", files->folder, file->name);

	if (size < 0 || (size_t)size >= sizeof(path))
		return -ENAMETOOLONG;
	snprintf(new_path, sizeof(new_path), "%s.new", path);
	file->fd = open(new_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file->fd < 0)
		return -errno;
	if (fcntl(file->fd, F_SETLEASE, F_WRLCK) < 0 || rename(new_path, path) < 0)
		return -errno;
	return 0;
}

/* Lets in who waits for a file. */
static void let_in(struct qk_shell_files *files, struct qk_shell_file *file)
{
	char path[64];
	int fd = file->fd;

	/* what a lease will be when it is broken tells what the opener wants */
	file->writing = fcntl(fd, F_GETLEASE) == F_UNLCK;
	(void)fill(files, file, fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file->watch = inotify_add_watch(files->inotify_fd, path, IN_CLOSE);
	file->opened_fd = fd;
	if (file->writing)
		files->opened_msec = qk_ctl_now_msec();
	int r = place(files, file);
	if (r < 0)
		fprintf(stderr, "qmi-sim: %s: %s\n", file->name, strerror(-r));
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
}

/* He has closed it: what he wrote is done. */
static void take_back(struct qk_shell_files *files, struct qk_shell_file *file)
{
	char text[128];
	ssize_t size = pread(file->opened_fd, text, sizeof(text) - 1, 0);

	(void)inotify_rm_watch(files->inotify_fd, file->watch);
	close(file->opened_fd);
	file->opened_fd = -1;
	if (!file->writing || size <= 0)
		return;
	text[size] = 0;
	text[strcspn(text, "\n")] = 0;
	json_decref(ask(files, json_pack("{s:s, s:I, s:s, s:s}", "do", "gadget-write", "modem",
					 files->modem, "file", file->name, "text", text)));
}

static void read_closes(struct qk_shell_files *files)
{
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t size = read(files->inotify_fd, buffer, sizeof(buffer));

	for (ssize_t at = 0; at < size;) {
		const struct inotify_event *event = (const void *)(buffer + at);
		for (size_t i = 0; i < files->count; i++) {
			struct qk_shell_file *file = &files->files[i];
			if (event->mask & IN_CLOSE && file->opened_fd >= 0 &&
			    file->watch == event->wd)
				take_back(files, file);
		}
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

static bool somebody_writes(const struct qk_shell_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->files[i].opened_fd >= 0 && files->files[i].writing)
			return true;
	return false;
}

int qk_shell_files_run(struct qk_shell_files *files)
{
	read_closes(files);
	for (size_t i = 0; i < files->count; i++) {
		struct qk_shell_file *file = &files->files[i];
		/* a lease that is being broken is no longer what it was */
		bool waits = file->fd >= 0 && fcntl(file->fd, F_GETLEASE) != F_WRLCK;
		uint64_t now = qk_ctl_now_msec();
		if (!waits)
			continue;
		if (somebody_writes(files) && now < files->opened_msec + WRITER_MSEC)
			return (int)(files->opened_msec + WRITER_MSEC - now);
		if (file->opened_fd >= 0)
			take_back(files, file);
		let_in(files, file);
	}
	return -1;
}

static int add(struct qk_shell_files *files, const char *name)
{
	char folder[PATH_MAX];
	const char *slash = strchr(name, '/');
	struct qk_shell_file *file = &files->files[files->count];

	if (files->count == QK_SHELL_FILES_MAX || strlen(name) >= sizeof(file->name))
		return -E2BIG;
	*file = (struct qk_shell_file){ .fd = -1, .opened_fd = -1 };
	memcpy(file->name, name, strlen(name) + 1);
	if (slash) {
		snprintf(folder, sizeof(folder), "%s/%.*s", files->folder, (int)(slash - name),
			 name);
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	files->count++;
	return place(files, file);
}

int qk_shell_files_open(struct qk_shell_files *files, const char *folder, struct qk_ctl_link *link,
			json_int_t modem)
{
	const char *name;
	json_t *value;
	int r = 0;

	*files = (struct qk_shell_files){ .folder = folder, .link = link, .modem = modem };
	files->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (files->inotify_fd < 0)
		return qk_ctl_fail("inotify", strerror(errno));
	json_t *answer = ask_all(files);
	if (!answer)
		return QK_CTL_REFUSED;
	json_object_foreach(json_object_get(answer, "files"), name, value) if (r == 0) r =
		add(files, name);
	json_decref(answer);
	return r < 0 ? qk_ctl_fail(folder, strerror(-r)) : 0;
}

void qk_shell_files_close(struct qk_shell_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (files->files[i].fd >= 0)
			close(files->files[i].fd);
		if (files->files[i].opened_fd >= 0)
			close(files->files[i].opened_fd);
	}
	if (files->inotify_fd >= 0)
		close(files->inotify_fd);
}
